//! Personal fields of a row: sealed as one text, under a key of the ring.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::keys::DataKey;

/// Seals `fields`. `place` (table, column, row) is bound to it: a sealed text copied to another row does not open.
pub(crate) fn seal<T: Serialize>(key: &DataKey, place: &str, fields: &T) -> Result<String, Error> {
    let json = Zeroizing::new(serde_json::to_vec(fields).map_err(|_| Error::Damaged("field"))?);
    Ok(STANDARD_NO_PAD.encode(key.seal(place.as_bytes(), &json)?))
}

/// Opens what [`seal`] made.
pub(crate) fn open<T: DeserializeOwned>(key: &DataKey, place: &str, sealed: &str) -> Result<T, Error> {
    let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| Error::Damaged("field"))?;
    serde_json::from_slice(&key.open(place.as_bytes(), &sealed)?).map_err(|_| Error::Damaged("field"))
}
