//! The policy in force, in words for the people it is about (N2).

use store::Retention;
use store::tenants::Tenant;

/// A language of the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// German.
    German,
    /// English.
    English,
}

impl std::str::FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "de" => Ok(Self::German),
            "en" => Ok(Self::English),
            _ => Err(UnknownLanguage),
        }
    }
}

/// A language that the notice is not written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the notice is written in de and en")]
pub struct UnknownLanguage;

/// The notice of a tenant: a title and one paragraph for each rule. Every number in it is read from the rules that a
/// sweep enforces; there is no other source.
pub fn notice(tenant: &Tenant, language: Language) -> String {
    let (title, rules) = match language {
        Language::English => (english_title(tenant), english(tenant)),
        Language::German => (german_title(tenant), german(tenant)),
    };
    let mut text = format!("# {title}\n");
    for rule in rules {
        text.push_str(&format!("\n- {rule}\n"));
    }
    text
}

fn english_title(tenant: &Tenant) -> String {
    format!("What {} keeps of online classes, and for how long", tenant.name)
}

fn english(tenant: &Tenant) -> Vec<String> {
    let terms = tenant.terms;
    let recordings = match (tenant.recording_allowed, tenant.retention) {
        (false, _) => String::from("No new recordings are made."),
        (true, _) => String::from(
            "A class is recorded only between two presses of a button by a moderator, after everybody in the room has been \
             told. Nothing before, between or after such segments is stored.",
        ),
    };
    let kept = match tenant.retention {
        Retention::Days(days) => {
            format!("A recording is deleted by itself {} after the class has ended.", english_days(days))
        }
        Retention::OnRequest => String::from("A recording is kept until its deletion is asked for."),
    };
    vec![
        recordings,
        format!("{kept} Whoever is responsible for the class can have it deleted at once."),
        String::from(
            "Of everything else that happens in a class (voices, pictures, screens, chat, reactions, raised hands) nothing \
             remains once it has ended.",
        ),
        String::from(
            "For help and reports we keep, for each person and class: name, the id or e-mail address given by the course \
             page, operating system, browser, time of login and logout, IP address, and number of reconnects.",
        ),
        String::from(
            "As statistics of a class we keep, for each person: name, role, number of chat messages, of times talked, of \
             emoji, of raised hands and of poll answers, talk time, time in the class, arrival and departure.",
        ),
        format!(
            "The IP address of a guest is cut before it is written. The IP address of a person who is signed in is cut \
             at the latest {} after the login.",
            english_days(terms.address_days)
        ),
        format!(
            "What is left of IP addresses, and the browser, is deleted {} after the class has ended.",
            english_days(terms.connection_days)
        ),
        format!(
            "All data is deleted at the latest {} after our contract for this service has ended.",
            english_days(terms.end_days)
        ),
        String::from(
            "What is stored is encrypted. Deletion destroys the key, in backups too, and leaves a signed receipt that \
             anyone can verify.",
        ),
    ]
}

fn german_title(tenant: &Tenant) -> String {
    format!("Was {} vom Online-Unterricht speichert, und wie lange", tenant.name)
}

fn german(tenant: &Tenant) -> Vec<String> {
    let terms = tenant.terms;
    let recordings = if tenant.recording_allowed {
        String::from(
            "Aufgezeichnet wird nur zwischen zwei Knopfdrücken einer Moderatorin oder eines Moderators, und erst nachdem es \
             allen im Raum gesagt wurde. Nichts davor, dazwischen oder danach wird gespeichert.",
        )
    } else {
        String::from("Es wird nichts neu aufgezeichnet.")
    };
    let kept = match tenant.retention {
        Retention::Days(days) => {
            format!(
                "Eine Aufzeichnung wird {} nach Ende des Unterrichts von selbst gelöscht.",
                german_days(days)
            )
        }
        Retention::OnRequest => {
            String::from("Eine Aufzeichnung wird aufbewahrt, bis ihre Löschung verlangt wird.")
        }
    };
    vec![
        recordings,
        format!("{kept} Wer für den Unterricht verantwortlich ist, kann sie sofort löschen lassen."),
        String::from(
            "Von allem anderen, was im Unterricht geschieht (Stimmen, Bilder, Bildschirme, Chat, Reaktionen, Meldungen), \
             bleibt nach dessen Ende nichts.",
        ),
        String::from(
            "Für Hilfe und Berichte speichern wir je Person und Unterricht: Name, die Kennung oder E-Mail-Adresse aus der \
             Kursseite, Betriebssystem, Browser, Zeit der An- und Abmeldung, IP-Adresse und Zahl der \
             Wiederverbindungen.",
        ),
        String::from(
            "Als Statistik eines Unterrichts speichern wir je Person: Name, Rolle, Zahl der Chat-Nachrichten, der \
             Wortmeldungen, der Emoji, der gehobenen Hände und der Umfrageantworten, Redezeit, Zeit im Unterricht, \
             Kommen und Gehen.",
        ),
        format!(
            "Die IP-Adresse von Gästen wird gekürzt, bevor sie gespeichert wird. Die IP-Adresse angemeldeter Personen \
             wird spätestens {} nach der Anmeldung gekürzt.",
            german_days(terms.address_days)
        ),
        format!(
            "Was von IP-Adressen übrig ist, und der Browser, wird {} nach Ende des Unterrichts gelöscht.",
            german_days(terms.connection_days)
        ),
        format!(
            "Alle Daten werden spätestens {} nach Ende unseres Vertrags über diesen Dienst gelöscht.",
            german_days(terms.end_days)
        ),
        String::from(
            "Was gespeichert ist, ist verschlüsselt. Die Löschung vernichtet den Schlüssel, auch für Sicherungskopien, und \
             hinterlässt einen signierten Beleg, den jeder prüfen kann.",
        ),
    ]
}

fn english_days(days: u32) -> String {
    if days == 1 { String::from("1 day") } else { format!("{days} days") }
}

fn german_days(days: u32) -> String {
    if days == 1 { String::from("1 Tag") } else { format!("{days} Tage") }
}
