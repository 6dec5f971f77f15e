//! How many may be connected at a time: in all, and from one address, behind which a whole school may sit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// What is taken at the moment.
#[derive(Debug)]
pub struct Places {
    taken: Mutex<HashMap<IpAddr, usize>>,
    in_all: usize,
    per_address: usize,
}

/// One place, free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    ip: IpAddr,
}

impl Places {
    /// So many in all, and so many from one address.
    pub fn new(in_all: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), in_all, per_address })
    }

    /// A place for somebody from that address; `None` if there is none left.
    pub fn take(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let ip = ip.to_canonical();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= self.in_all {
            return None;
        }
        let here = taken.entry(ip).or_default();
        if *here >= self.per_address {
            return None;
        }
        *here += 1;
        Some(Place { places: self.clone(), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = taken.get_mut(&self.ip) {
            *here -= 1;
            if *here == 0 {
                taken.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_run_out_by_address_and_in_all_and_come_back() {
        let places = Places::new(3, 2);
        let [a, b, c] = ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        let first = places.take(a).unwrap();
        let second = places.take(b).unwrap();
        assert!(places.take(a).is_none());
        let third = places.take(c).unwrap();
        assert!(places.take(c).is_none());
        drop(first);
        assert!(places.take(c).is_some());
        drop((second, third));
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
