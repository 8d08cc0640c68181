//! What the system says of this process.

/// Bytes of memory that it has at the moment; none where the system does not tell (Linux does).
pub fn resident_bytes() -> Option<f64> {
    status_bytes("VmRSS:")
}

/// Those of them that are its own, not pages of files that the system takes back when it needs them.
pub fn own_bytes() -> Option<f64> {
    status_bytes("RssAnon:")
}

fn status_bytes(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}
