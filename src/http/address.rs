//! Who is at the other end, and how many sockets that address holds.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
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

/// Open sockets for each address.
#[derive(Debug)]
pub struct Connections {
    limit: u32,
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// One open socket; dropping it makes room for another.
#[derive(Debug)]
pub struct Connection {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Connections {
    /// Allows `limit` sockets for each address.
    pub fn new(limit: u32) -> Self {
        Self { limit, open: Arc::default() }
    }

    /// Room for one more socket of `address`, if there is any.
    pub fn open(&self, address: IpAddr) -> Option<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_insert(0);
        if *count >= self.limit {
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
        let connections = Connections::new(1);
        let address = IpAddr::from([192, 0, 2, 1]);
        let first = connections.open(address);
        assert!(first.is_some() && connections.open(address).is_none());
        assert!(connections.open(IpAddr::from([192, 0, 2, 2])).is_some());
        drop(first);
        assert!(connections.open(address).is_some());
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
