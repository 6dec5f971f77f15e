//! How a node starts, refuses to start, and stops.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::net::UdpSocket;

use sfu_node::{JoinError, RoomId, Sfu, StartError};

#[tokio::test]
async fn a_busy_port_is_named_even_if_its_owner_shares_it() {
    let (first, _events) = Sfu::start(common::config(2)).unwrap();
    let mut config = common::config(2);
    config.udp = first.local_address();
    assert!(matches!(Sfu::start(config.clone()), Err(StartError::PortBusy { addr }) if addr == config.udp));
    drop(first);
    Sfu::start(config).unwrap();
}

#[tokio::test]
async fn dropping_the_last_handle_frees_the_port() {
    let (sfu, _events) = Sfu::start(common::config(2)).unwrap();
    let address = sfu.local_address();
    let clone = sfu.clone();
    drop(sfu);
    assert!(UdpSocket::bind(address).is_err());
    drop(clone);
    UdpSocket::bind(address).unwrap();
}

#[tokio::test]
async fn a_number_of_shards_out_of_range_is_refused() {
    assert!(matches!(Sfu::start(common::config(0)), Err(StartError::Shards(0))));
    assert!(matches!(Sfu::start(common::config(257)), Err(StartError::Shards(257))));
}

#[tokio::test]
async fn nobody_joins_a_room_that_is_not_open() {
    let (sfu, _events) = Sfu::start(common::config(1)).unwrap();
    assert_eq!(sfu.join(RoomId(77), 4).await.unwrap_err(), JoinError::NoSuchRoom);
    let room = sfu.open_room().await;
    sfu.join(room, 4).await.unwrap();
    assert_eq!(sfu.join(room, 0).await.unwrap_err(), JoinError::Slots);
    sfu.close_room(room);
    assert_eq!(sfu.join(room, 4).await.unwrap_err(), JoinError::NoSuchRoom);
}
