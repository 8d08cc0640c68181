//! Who is at the other end, and how many sockets that address holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;

/// The client's address: the peer, or what the proxy in front of us says it is.
///
/// A proxy appends the address it saw, so the last entry is the one that it vouches for.
pub fn client_address(peer: SocketAddr, headers: &HeaderMap, trust_forwarded_for: bool) -> IpAddr {
    let forwarded = || {
        let header = headers.get_all("x-forwarded-for").iter().next_back()?;
        header.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    trust_forwarded_for.then(forwarded).flatten().unwrap_or_else(|| peer.ip().to_canonical())
}

/// The name under which the requests of `address` are counted. Whoever has one IPv6 address has the 2^64 of its
/// network.
pub fn limited_as(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("address:{address}"),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() >> 64 << 64);
            format!("address:{network}/64")
        }
    }
}

/// Open sockets for each address.
#[derive(Debug, Default)]
pub struct Connections {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// One open socket; dropping it makes room for another.
#[derive(Debug)]
pub struct Connection {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Connections {
    /// Room for one more socket of `address`, if it holds less than `limit`.
    pub fn open(&self, address: IpAddr, limit: u32) -> Option<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_insert(0);
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Connection { address, open: self.open.clone() })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_socket_makes_room_for_another() {
        let connections = Connections::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        let first = connections.open(address, 1);
        assert!(first.is_some() && connections.open(address, 1).is_none());
        assert!(connections.open(IpAddr::from([192, 0, 2, 2]), 1).is_some());
        drop(first);
        assert!(connections.open(address, 1).is_some());
    }

    #[test]
    fn one_network_of_ipv6_counts_as_one_address() {
        let name = |address: &str| limited_as(address.parse().unwrap());
        assert_eq!(name("192.0.2.7"), "address:192.0.2.7");
        assert_eq!(name("2001:db8:1:2:3::4"), "address:2001:db8:1:2::/64");
        assert_eq!(name("2001:db8:1:2:ffff::"), name("2001:db8:1:2:3::4"));
    }

    #[test]
    fn the_forwarded_address_counts_only_when_a_proxy_is_trusted() {
        let peer = SocketAddr::from(([192, 0, 2, 1], 5000));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 198.51.100.7".parse().unwrap());
        assert_eq!(client_address(peer, &headers, false), IpAddr::from([192, 0, 2, 1]));
        assert_eq!(client_address(peer, &headers, true), IpAddr::from([198, 51, 100, 7]));
    }
}
