//! A client written from RFC 8656, against the relay without a socket. Datagrams that the relay lets through are seen in
//! the lane to the shard.

use md5::Digest as _;

use super::*;
use crate::firewall::link::Pipe;
use crate::shard::{Parcel, Unserved};
use sfu_wire::stun::{Attributes as Check, Class, INTEGRITY, write_binding};
use sfu_wire::turn::{Attributes, Message, Method, UDP, write, write_channel_header};

const REMOTE: &str = "192.0.2.77:5000";
const MEDIA: &str = "198.51.100.7:3478";
const MEDIA_V6: &str = "[2001:db8::7]:3478";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

struct World {
    relay: Arc<Relay>,
    lane: Lane,
    now: Now,
}

impl World {
    fn new() -> World {
        let lane = Unserved::lane();
        let media = vec![address(MEDIA), address(MEDIA_V6)];
        let relay = Relay::new(b"secret", media, Arc::from([lane.clone()]), Vec::new());
        World { relay, lane, now: Now { monotonic: Instant::now(), unix_s: 1_800_000_000 } }
    }

    fn pass(&mut self, seconds: u64) {
        self.now.monotonic += Duration::from_secs(seconds);
        self.now.unix_s += seconds;
    }

    fn asker(&self) -> Asker {
        self.asker_from(address(REMOTE))
    }

    fn asker_from(&self, remote: SocketAddr) -> Asker {
        let access = self.relay.access(self.now, ParticipantId(7));
        let client = Client::new(self.relay.clone(), remote, Arc::new(Pipe::default()));
        Asker { client, access, nonce: Vec::new(), number: 0 }
    }

    /// How many datagrams reached the shard.
    fn arrived(&self) -> usize {
        let mut count = 0;
        let mut parcel = Parcel::default();
        while let Ok(mut full) = self.lane.take(std::mem::take(&mut parcel)) {
            full.each_datagram(|_, _| count += 1);
            parcel = full;
        }
        count
    }
}

struct Asker {
    client: Client,
    access: RelayAccess,
    nonce: Vec<u8>,
    number: u8,
}

impl Asker {
    /// Sends a request, signed with what is known; gives the error of the answer, and its attributes.
    fn ask(&mut self, now: Now, method: Method, wanted: Attributes<'_>) -> Result<Attributes<'static>, u16> {
        self.number = self.number.wrapping_add(1);
        let transaction = [self.number; 12];
        let nonce = self.nonce.clone();
        let key = md5::Md5::digest(format!("{}:{REALM}:{}", self.access.username, self.access.credential));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
        let attributes = Attributes {
            username: Some(self.access.username.as_bytes()),
            realm: Some(REALM.as_bytes()),
            nonce: Some(&nonce),
            ..wanted
        };
        let mut buffer = [0; 2048];
        let length = write(
            &mut buffer,
            (method, Class::Request),
            &transaction,
            &attributes,
            Some(|p: &[&[u8]]| mac(&key, p)),
        );
        let mut answered = None;
        let taken =
            self.client.take(now, &buffer[..length.unwrap()], |answer| answered = Some(answer.to_vec()));
        assert!(taken);
        let answer = answered.expect("an answer");
        let message = Message::parse(&answer).unwrap();
        assert_eq!((message.method, message.transaction), (method, transaction));
        if let Some(nonce) = message.nonce {
            self.nonce = nonce.to_vec();
        }
        match message.error {
            Some(error) => Err(error),
            None => {
                assert!(message.verify(|parts| mac(&key, parts)), "a success is signed");
                let Message { relayed, mapped, lifetime, .. } = message;
                Ok(Attributes { relayed, mapped, lifetime, ..Attributes::default() })
            }
        }
    }

    fn allocate(&mut self, now: Now) -> Result<Attributes<'static>, u16> {
        let wanted = Attributes { transport: Some(UDP), ..Attributes::default() };
        match self.ask(now, Method::Allocate, wanted) {
            // The first answer brings the nonce.
            Err(401 | 438) => self.ask(now, Method::Allocate, wanted),
            other => other,
        }
    }

    fn permit(&mut self, now: Now, peer: SocketAddr) -> Result<(), u16> {
        let wanted = Attributes { peer: Some(peer), ..Attributes::default() };
        self.ask(now, Method::CreatePermission, wanted).map(drop)
    }

    fn bind(&mut self, now: Now, channel: u16, peer: SocketAddr) -> Result<(), u16> {
        let wanted = Attributes { peer: Some(peer), channel: Some(channel), ..Attributes::default() };
        self.ask(now, Method::ChannelBind, wanted).map(drop)
    }

    fn send(&mut self, now: Now, peer: SocketAddr) {
        let check = check();
        let attributes = Attributes { peer: Some(peer), data: Some(&check), ..Attributes::default() };
        let mut buffer = [0; 512];
        let kind = (Method::Send, Class::Indication);
        let length = write(&mut buffer, kind, &[1; 12], &attributes, None::<fn(&[&[u8]]) -> [u8; INTEGRITY]>);
        assert!(self.client.take(now, &buffer[..length.unwrap()], |_| panic!("indications have no answer")));
        self.client.deliver();
    }

    fn send_on(&mut self, now: Now, channel: u16) {
        let check = check();
        let mut buffer = vec![0; 4 + check.len()];
        write_channel_header(&mut buffer, channel, check.len()).unwrap();
        buffer[4..].copy_from_slice(&check);
        assert!(self.client.take(now, &buffer, |_| panic!("data has no answer")));
        self.client.deliver();
    }

    /// What the client gets of a datagram of the first peer's.
    fn wrapped(&self, now: Now) -> Vec<u8> {
        let mut buffer = Vec::new();
        self.client.wrap(now.monotonic, 0, b"media", &mut buffer);
        buffer
    }
}

/// A connectivity check for a participant of shard 0.
fn check() -> Vec<u8> {
    let mut buffer = [0; 128];
    let attributes = Check { username: Some(b"0000000000000007:peer"), ..Check::default() };
    let unsigned = None::<fn(&[&[u8]]) -> [u8; INTEGRITY]>;
    let length = write_binding(&mut buffer, Class::Request, &[3; 12], &attributes, unsigned).unwrap();
    buffer[..length].to_vec()
}

fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; INTEGRITY] {
    *hmac::sign(key, &parts.concat()).as_ref().first_chunk().unwrap()
}

#[test]
fn a_participant_gets_an_allocation_and_strangers_none() {
    let world = World::new();
    let mut asker = world.asker();
    assert_eq!(asker.ask(world.now, Method::Allocate, Attributes::default()).err(), Some(438));
    let granted = asker.allocate(world.now).unwrap();
    let relayed = granted.relayed.unwrap();
    assert_eq!(
        (relayed.ip(), granted.mapped, granted.lifetime),
        (address(MEDIA).ip(), Some(address(REMOTE)), Some(600))
    );
    assert!(PORTS.contains(&relayed.port()));
    assert_eq!(asker.allocate(world.now).err(), Some(437));

    let mut stranger = world.asker();
    stranger.access.credential = "guessed".to_owned();
    assert_eq!(stranger.allocate(world.now).err(), Some(401));
    let mut late = world.asker();
    late.access.username = format!("{}:7", world.now.unix_s - 1);
    late.access.credential = credentials::password(&world.relay.secret, &late.access.username);
    assert_eq!(late.allocate(world.now).err(), Some(401));
    let mut other = world.asker_from(address("192.0.2.78:5000"));
    other.nonce = asker.nonce.clone();
    let wanted = Attributes { transport: Some(UDP), ..Attributes::default() };
    assert_eq!(
        other.ask(world.now, Method::Allocate, wanted).err(),
        Some(438),
        "a nonce is good from one address"
    );
}

#[test]
fn what_is_not_offered_is_refused_by_its_number() {
    let world = World::new();
    let ask = |wanted: Attributes<'_>| {
        let mut asker = world.asker();
        let _ = asker.ask(world.now, Method::Allocate, wanted);
        asker.ask(world.now, Method::Allocate, wanted).err()
    };
    assert_eq!(ask(Attributes::default()), Some(400));
    assert_eq!(ask(Attributes { transport: Some(6), ..Attributes::default() }), Some(442));
    let sixth = Attributes { transport: Some(UDP), family: Some(Family::V6), ..Attributes::default() };
    assert_eq!(ask(sixth), None);
    let mut asker = world.asker();
    assert_eq!(asker.permit(world.now, address(MEDIA)), Err(438));
    assert_eq!(asker.permit(world.now, address(MEDIA)), Err(437));
    asker.allocate(world.now).unwrap();
    for channel in [0, 0x3fff, 0x5000, 0xffff] {
        assert_eq!(asker.bind(world.now, channel, address(MEDIA)), Err(400), "{channel:x}");
    }
    assert_eq!(asker.permit(world.now, address(MEDIA_V6)), Err(443));
}

#[test]
fn data_passes_only_with_a_permission_and_for_as_long_as_it_lasts() {
    let mut world = World::new();
    let mut asker = world.asker();
    asker.send(world.now, address(MEDIA));
    asker.allocate(world.now).unwrap();
    asker.send(world.now, address(MEDIA));
    assert_eq!((world.arrived(), asker.wrapped(world.now).len()), (0, 0));
    asker.permit(world.now, address("198.51.100.7:1")).unwrap();
    asker.send(world.now, address("198.51.100.7:1"));
    assert_eq!(world.arrived(), 0, "a permission is for an address, but only one port of it is media");
    asker.send(world.now, address(MEDIA));
    assert_eq!(world.arrived(), 1);
    let wrapped = asker.wrapped(world.now);
    let data = Message::parse(&wrapped).unwrap();
    assert_eq!(
        (data.method, data.data, data.peers().next()),
        (Method::Data, Some(&b"media"[..]), Some(address(MEDIA)))
    );
    world.pass(301);
    asker.send(world.now, address(MEDIA));
    assert_eq!((world.arrived(), asker.wrapped(world.now).len()), (0, 0));
}

#[test]
fn a_channel_carries_both_ways_and_has_one_partner() {
    let mut world = World::new();
    let mut asker = world.asker();
    asker.allocate(world.now).unwrap();
    asker.bind(world.now, 0x4000, address(MEDIA)).unwrap();
    assert_eq!(asker.bind(world.now, 0x4001, address(MEDIA)), Err(400));
    asker.bind(world.now, 0x4000, address(MEDIA)).unwrap();
    asker.send_on(world.now, 0x4000);
    asker.send_on(world.now, 0x4001);
    assert_eq!(world.arrived(), 1);
    assert_eq!(asker.wrapped(world.now), b"\x40\x00\x00\x05media");
    world.pass(599);
    asker.permit(world.now, address(MEDIA)).unwrap();
    asker.ask(world.now, Method::Refresh, Attributes::default()).unwrap();
    world.pass(2);
    assert!(Message::parse(&asker.wrapped(world.now)).is_ok(), "the channel is over, the permission is not");
}

#[test]
fn an_allocation_lives_as_long_as_it_is_refreshed() {
    let mut world = World::new();
    let mut asker = world.asker();
    asker.allocate(world.now).unwrap();
    for _ in 0..200 {
        world.pass(590);
        match asker.ask(world.now, Method::Refresh, Attributes::default()) {
            Err(438) => drop(asker.ask(world.now, Method::Refresh, Attributes::default()).unwrap()),
            other => assert_eq!(other.unwrap().lifetime, Some(600)),
        }
    }
    let long = Attributes { lifetime: Some(1_000_000), ..Attributes::default() };
    assert_eq!(asker.ask(world.now, Method::Refresh, long).unwrap().lifetime, Some(3600));
    let over = Attributes { lifetime: Some(0), ..Attributes::default() };
    assert_eq!(asker.ask(world.now, Method::Refresh, over).unwrap().lifetime, Some(0));
    assert!(!asker.client.is_granted(world.now.monotonic));

    let mut forgotten = world.asker();
    forgotten.allocate(world.now).unwrap();
    world.pass(601);
    assert!(!forgotten.client.is_granted(world.now.monotonic));
}

#[test]
fn allocations_run_out_and_come_back() {
    let world = World::new();
    let mut askers: Vec<Asker> = (0..PER_ADDRESS).map(|_| world.asker()).collect();
    for asker in &mut askers {
        asker.allocate(world.now).unwrap();
    }
    assert_eq!(world.asker().allocate(world.now).err(), Some(486));
    assert!(world.asker_from(address("192.0.2.78:5000")).allocate(world.now).is_ok());
    askers.pop();
    assert!(world.asker().allocate(world.now).is_ok());
}

/// This network, private, shared, loopback, link-local (with cloud metadata), documentation, benchmarking, neighbours of
/// our own address, multicast, reserved, broadcast, and strangers.
const FORBIDDEN_V4: &str = "
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3 127.255.255.255
    169.254.0.1 169.254.169.254 172.16.0.1 172.17.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.0.2.77
    192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255
    198.51.100.6 198.51.100.8 203.0.113.1 224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250 240.0.0.1
    255.255.255.254 255.255.255.255 1.1.1.1 8.8.8.8";
/// Unspecified, loopback, IPv4 in mapped, compatible, translated and tunnelled forms, neighbours of our own address,
/// unique local, link-local, site-local, multicast, and strangers.
const FORBIDDEN_V6: &str = "
    :: ::1 ::2 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:198.51.100.7 ::ffff:0.0.0.0 ::ffff:169.254.169.254
    ::127.0.0.1 ::198.51.100.7 64:ff9b::127.0.0.1 64:ff9b::198.51.100.7 64:ff9b:1::10.0.0.1 100::1 2001::1
    2001:db8::1 2001:db8::6 2001:db8::8 2002:7f00:1:: 2002:c633:6407::1 fc00::1 fd00::1 fd12:3456:789a::1 fe80::1
    fe80::ffff:ffff:ffff:ffff fec0::1 ff01::1 ff02::1 ff02::fb ff05::2 ff0e::1 2606:4700:4700::1111 5f00::1
    ::ffff:0:127.0.0.1 2620:4f:8000::1 3fff::1";
/// None of them is the media port.
const OWN_PORTS: [u16; 14] = [0, 1, 22, 25, 53, 80, 443, 3477, 3479, 5349, 8080, 9464, 49_152, 65_535];

fn forbidden() -> Vec<SocketAddr> {
    let listed = FORBIDDEN_V4.split_whitespace().chain(FORBIDDEN_V6.split_whitespace());
    let elsewhere = listed.map(|ip| SocketAddr::new(ip.parse().unwrap(), 3478));
    let own = [MEDIA, MEDIA_V6].map(|own| OWN_PORTS.map(|port| SocketAddr::new(address(own).ip(), port)));
    elsewhere.chain(own.into_iter().flatten()).collect()
}

/// Addresses that a relay could be abused to reach: none gets a channel, none gets data, and but for other ports of our
/// own address (a permission has no port) none gets a permission.
#[test]
fn a_hundred_forbidden_peers_get_nothing() {
    let table = forbidden();
    assert!(table.len() >= 100, "{}", table.len());
    for family in [Family::V4, Family::V6] {
        let world = World::new();
        let mut asker = world.asker();
        let wanted = Attributes { transport: Some(UDP), family: Some(family), ..Attributes::default() };
        let _ = asker.ask(world.now, Method::Allocate, wanted);
        asker.ask(world.now, Method::Allocate, wanted).unwrap();
        asker
            .permit(world.now, if family == Family::V4 { address(MEDIA) } else { address(MEDIA_V6) })
            .unwrap();
        for &peer in &table {
            let own = [address(MEDIA).ip(), address(MEDIA_V6).ip()].contains(&peer.ip());
            let same = peer.is_ipv4() == (family == Family::V4);
            let refusal = if same { 403 } else { 443 };
            if !(own && same) {
                assert_eq!(asker.permit(world.now, peer), Err(refusal), "{peer}");
            }
            assert_eq!(asker.bind(world.now, 0x4000, peer), Err(refusal), "{peer}");
            asker.send(world.now, peer);
            assert_eq!(world.arrived(), 0, "{peer}");
        }
    }
}

#[test]
fn no_message_makes_the_relay_panic() {
    let world = World::new();
    let mut asker = world.asker();
    asker.allocate(world.now).unwrap();
    asker.bind(world.now, 0x4000, address(MEDIA)).unwrap();
    let check = check();
    let attributes = Attributes {
        username: Some(asker.access.username.as_bytes()),
        peer: Some(address(MEDIA)),
        data: Some(&check),
        lifetime: Some(600),
        ..Attributes::default()
    };
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let methods =
        [Method::Allocate, Method::Refresh, Method::Send, Method::CreatePermission, Method::ChannelBind];
    for round in 0..50_000usize {
        let mut buffer = [0; 1024];
        let class = if round % 2 == 0 { Class::Request } else { Class::Indication };
        let signed = (round % 3 == 0).then_some(|_: &[&[u8]]| [7; INTEGRITY]);
        let kind = (methods[round % methods.len()], class);
        let length = write(&mut buffer, kind, &[9; 12], &attributes, signed).unwrap();
        for _ in 0..round % 4 {
            let at = next() as usize % length;
            buffer[at] = next() as u8;
        }
        let end = if round % 5 == 0 { next() as usize % length } else { length };
        asker.client.take(world.now, &buffer[..end], |_| {});
        asker.client.deliver();
        world.arrived();
    }
    assert!(asker.client.is_granted(world.now.monotonic));
}
