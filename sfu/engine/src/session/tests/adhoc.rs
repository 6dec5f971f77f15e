use super::*;
#[test]
fn speed() {
    let mut session = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
    let material = [7u8; 56];
    session.connect_with_keys(Micros::ZERO, address(0), &material);
    let key = aws_lc_rs::aead::LessSafeKey::new(aws_lc_rs::aead::UnboundKey::new(&aws_lc_rs::aead::AES_128_GCM, &[1; 16]).unwrap());
    let mut buffer = vec![0u8; 1300];
    let plain = { let mut p = rtp(9, 1); p.resize(1200, 0x55); p };
    for _ in 0..6 {
        let n = 200_000u32;
        let t = Instant::now();
        for i in 0..n {
            buffer[..1200].copy_from_slice(&plain);
            let mut nonce = [0; 12]; nonce[..4].copy_from_slice(&i.to_be_bytes());
            let (h, p) = buffer[..1200].split_at_mut(12);
            let tag = key.seal_in_place_separate_tag(aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce), aws_lc_rs::aead::Aad::from(&*h), p).unwrap();
            buffer[1200..1216].copy_from_slice(tag.as_ref());
        }
        let raw = t.elapsed().as_nanos() as f64 / n as f64;
        let t = Instant::now();
        for i in 0..n {
            buffer[..1200].copy_from_slice(&plain);
            sfu_wire::rtp::set_sequence(&mut buffer, i as u16);
            assert_eq!(session.seal_rtp(&mut buffer, 1200, i >> 16), Ok(1216));
        }
        let ours = t.elapsed().as_nanos() as f64 / n as f64;
        let mut client = Client::with_keys(&material);
        let sealed: Vec<_> = (0..5000u16).map(|n| { let mut p = plain.clone(); sfu_wire::rtp::set_sequence(&mut p, n); client.seal_rtp(&p).unwrap() }).collect();
        let mut s2 = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
        s2.connect_with_keys(Micros::ZERO, address(0), &material);
        let mut copies = sealed.clone();
        let t = Instant::now();
        for p in &mut copies { s2.open_rtp(p).unwrap(); }
        let open = t.elapsed().as_nanos() as f64 / 5000.0;
        println!("raw {raw:.0} ours {ours:.0} open {open:.0}");
    }
}
