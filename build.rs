//! Builds again when a file that is built into the program was added, changed or removed.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=web");
}
