use super::*;
use std::time::Duration;
#[test]
fn live() {
    let video = |n: u32| SlotLayout { kind: SlotKind::Video, ssrc: 100 + n, rtx_ssrc: Some(200 + n) };
    let audio = |n: u32| SlotLayout { kind: SlotKind::Audio, ssrc: 10 + n, rtx_ssrc: None };
    let screen = [SlotLayout{kind: SlotKind::Screen, ssrc: 50, rtx_ssrc: Some(51)}, SlotLayout{kind: SlotKind::ScreenAudio, ssrc: 52, rtx_ssrc: None}];
    let layout = OfferLayout { session_id: 42, slots: (0..5).map(audio).chain(screen).chain((0..9).map(video)).collect() };
    let ip = std::env::var("ADHOC_IP").unwrap_or("127.0.0.1".into());
    let socket = std::net::UdpSocket::bind(format!("{ip}:0")).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    let config = SessionConfig { identity: IDENTITY.clone(), candidates: vec![socket.local_addr().unwrap()] };
    let zero = Instant::now();
    let now = || Micros(zero.elapsed().as_micros() as u64);
    let mut session = Session::new(&config, UFRAG.to_owned(), PWD.to_owned(), now());
    let _ = std::fs::remove_file("/tmp/a_live_answer.sdp");
    std::fs::write("/tmp/a_live_offer.sdp", session.offer(&layout)).unwrap();
    let mut buffer = [0; 2048];
    let mut answered = false;
    let mut state = session.state();
    let (mut rtp, mut rtcp, mut bad) = (0, 0, 0);
    let mut seen: std::collections::BTreeMap<(u32, u8), (usize, String)> = Default::default();
    let mut kinds = std::collections::BTreeMap::new();
    let mut last_pli = Micros::ZERO; let _ = &mut last_pli;
    let mut arrivals: Vec<(u16,u64)> = vec![];
    let mut fb = 0u8;
    while now() < Micros::from_millis(20_000) {
        if !answered {
            if let Ok(answer) = std::fs::read_to_string("/tmp/a_live_answer.sdp") {
                if answer.ends_with("\n\n") {
                    answered = true;
                    println!("{:#?}", session.accept_answer(now(), answer.trim_end_matches("\n\n")).map(|n| n.sections.into_iter().map(|s| format!("{s:?}")).collect::<Vec<_>>()));
                }
            }
        }
        if let Ok((len, from)) = socket.recv_from(&mut buffer) {
            let datagram = &mut buffer[..len];
            *kinds.entry(format!("{:?}", classify(datagram))).or_insert(0) += 1;
            match classify(datagram) {
                Some(Protocol::Stun) => match Message::parse(datagram) {
                    Ok(m) => { let o = session.handle_stun(now(), from, &m); if o == StunOutcome::Refused { println!("refused {m:?}"); } }
                    Err(e) => println!("stun {e}"),
                },
                Some(Protocol::Dtls) => session.handle_dtls(now(), from, datagram),
                Some(Protocol::Rtp) => match session.open_rtp(datagram) {
                    Ok(o) => {
                        rtp += 1;
                        let known = o.header.extensions(datagram).known(&EXTENSION_IDS);
                        if let Some(t) = known.transport_sequence { arrivals.push((t, now().0)); }
                        let e = seen.entry((o.header.ssrc, o.header.payload_type)).or_default();
                        e.0 += 1;
                        if known.rid.is_some() || known.mid.is_some() || e.1.is_empty() {
                            e.1 = format!("mid {:?} rid {:?} rrid {:?} level {:?} twcc {}", known.mid.map(String::from_utf8_lossy), known.rid.map(String::from_utf8_lossy), known.repaired_rid.map(String::from_utf8_lossy), known.audio_level, known.transport_sequence.is_some());
                        }
                        if o.header.payload_type == VP8 {
                            let v = sfu_wire::vp8::Vp8::parse(o.header.payload(&datagram[..o.len]).unwrap());
                            if let Ok(v) = v { if let Some(k) = v.keyframe { e.1 += &format!(" key {}x{} pid {:?}", k.width, k.height, v.picture_id); } }
                        }
                    }
                    Err(e) => { bad += 1; if bad < 5 { println!("rtp {e}"); } }
                },
                Some(Protocol::Rtcp) => match session.open_rtcp(datagram) {
                    Ok(len) => { rtcp += 1; for p in sfu_wire::rtcp::packets(&datagram[..len]) { if rtcp < 8 { println!("{p:?}"); } assert!(p.is_ok()); } }
                    Err(e) => println!("rtcp {e}"),
                },
                None => println!("other"),
            }
        }
        if arrivals.len() > 30 {
            arrivals.sort_by_key(|a| a.0);
            let base = arrivals[0].0;
            let n = arrivals.last().unwrap().0.wrapping_sub(base) as usize + 1;
            if n < 500 {
                let mut v = vec![None; n];
                for (s, t) in &arrivals { v[(s - base) as usize] = Some(*t); }
                let mut out = [0; 1400];
                let mut w = sfu_wire::rtcp::RtcpWriter::new(&mut out);
                let _ = w.transport_feedback(1, 2, base, fb, &v);
                fb = fb.wrapping_add(1);
                let len = w.len();
                if let (Ok(len), Some(to)) = (session.seal_rtcp(&mut out, len), session.remote()) { let _ = socket.send_to(&out[..len], to); }
            }
            arrivals.clear();
        }
        if session.poll_timeout().is_some_and(|due| due <= now()) { session.handle_timeout(now()); }
        while let Some((to, datagram)) = session.poll_transmit() { let _ = socket.send_to(&datagram, to); }
        if state != session.state() { state = session.state(); println!("{} ms: {state:?} remote {:?}", now().millis(), session.remote()); }
    }
    println!("{kinds:?} rtp {rtp} rtcp {rtcp} bad {bad}");
    for (k, v) in seen { println!("{k:?} {v:?}"); }
}
