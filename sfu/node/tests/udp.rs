//! Batches of datagrams through the kernel: trains out, trains in, and a kernel that refuses trains.
#![allow(clippy::unwrap_used, missing_docs, unsafe_code)]

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use sfu_node::sys::{Outgoing, Receiver, Sender, bind};

fn loopback() -> UdpSocket {
    bind("127.0.0.1:0".parse().unwrap()).unwrap()
}

/// `count` segments of `size` bytes, then a shorter one; each begins with its number.
fn train(count: u8, size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..count).flat_map(|number| std::iter::repeat_n(number, size)).collect();
    bytes.extend(std::iter::repeat_n(count, size / 2));
    bytes
}

fn receive_all(socket: &UdpSocket, expected: usize) -> Vec<(SocketAddr, Vec<u8>)> {
    let mut receiver = Receiver::new();
    let mut got = Vec::new();
    let until = Instant::now() + Duration::from_secs(5);
    while got.len() < expected && Instant::now() < until {
        receiver.receive(socket).unwrap();
        receiver.each_datagram(|from, datagram| got.push((from, datagram.to_vec())));
    }
    got
}

fn check(sender: &mut Sender) {
    let (from, to) = (loopback(), loopback());
    let address = to.local_addr().unwrap();
    let bytes = train(20, 1200);
    let items = [
        Outgoing { to: address, segment_size: 1200, bytes: &bytes },
        Outgoing { to: address, segment_size: 5, bytes: b"alone" },
    ];
    let report = sender.send(&from, items.into_iter());
    assert_eq!((report.sent, report.refused), (22, 0));
    let got = receive_all(&to, 22);
    assert_eq!(got.len(), 22);
    assert!(got.iter().all(|(peer, _)| *peer == from.local_addr().unwrap()));
    for (number, (_, datagram)) in got.iter().take(20).enumerate() {
        assert_eq!((datagram.len(), datagram[0]), (1200, number as u8));
    }
    assert_eq!((got[20].1.len(), got[20].1[0]), (600, 20));
    assert_eq!(got[21].1, b"alone");
}

#[test]
fn a_train_arrives_as_the_datagrams_it_is_made_of() {
    check(&mut Sender::new(false));
}

#[test]
fn without_trains_the_same_datagrams_arrive() {
    let mut sender = Sender::new(false);
    sender.without_trains();
    check(&mut sender);
}

/// Linux refuses trains on a socket without checksums, with the error it also has for network cards that cannot cut.
#[test]
fn a_kernel_that_refuses_trains_gets_the_same_datagrams_singly() {
    let (from, to) = (loopback(), loopback());
    let on: libc::c_int = 1;
    // SAFETY: `on` is a readable c_int of the stated length.
    let result = unsafe {
        let value = std::ptr::from_ref(&on).cast();
        libc::setsockopt(from.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NO_CHECK, value, 4)
    };
    assert_eq!(result, 0);
    let bytes = train(20, 1200);
    let mut sender = Sender::new(false);
    for _ in 0..2 {
        let item = Outgoing { to: to.local_addr().unwrap(), segment_size: 1200, bytes: &bytes };
        assert_eq!(sender.send(&from, std::iter::once(item)).sent, 21);
        let got = receive_all(&to, 21);
        assert!(got.iter().enumerate().all(|(number, (_, datagram))| datagram[0] == number as u8));
        assert_eq!(got.len(), 21);
    }
}

#[test]
fn more_segments_than_one_train_takes_are_sent_in_several() {
    let (from, to) = (loopback(), loopback());
    let bytes = train(200, 100);
    let item = Outgoing { to: to.local_addr().unwrap(), segment_size: 100, bytes: &bytes };
    assert_eq!(Sender::new(false).send(&from, std::iter::once(item)).sent, 201);
    assert_eq!(receive_all(&to, 201).len(), 201);
}

#[test]
fn a_peer_that_cannot_be_reached_costs_only_its_own_datagrams() {
    let (from, to) = (loopback(), loopback());
    let items = [
        Outgoing { to: "[2001:db8::1]:9".parse().unwrap(), segment_size: 4, bytes: b"lost" },
        Outgoing { to: "203.0.113.1:0".parse().unwrap(), segment_size: 4, bytes: b"lost" },
        Outgoing { to: to.local_addr().unwrap(), segment_size: 4, bytes: b"here" },
    ];
    let report = Sender::new(false).send(&from, items.into_iter());
    assert_eq!((report.sent, report.refused), (1, 2));
    assert_eq!(receive_all(&to, 1)[0].1, b"here");
}
