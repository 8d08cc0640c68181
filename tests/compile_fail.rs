//! What must not compile: reading an account without a verified customer.
//!
//! Each file of `tests/compile_fail` is compiled against the library that this test was linked
//! with. Its first line names the error expected; a file that names none must compile, so that a
//! broken set-up is not taken for a refusal. Only the error's code is compared: its words change
//! from one compiler to the next.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest `libsteward-*.rlib` beside this test: the one it was just built with.
fn library(directory: &Path) -> PathBuf {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with("libsteward-") && name.ends_with(".rlib")
        })
        .max_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap())
        .expect("cargo builds the library before this test")
}

/// What the compiler says on standard error, and whether it was content.
fn compile(source: &Path, output: &Path) -> (bool, String) {
    let test = std::env::current_exe().unwrap();
    let directory = test.parent().unwrap();
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_string());
    let result = Command::new(compiler)
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata"])
        .arg("--out-dir")
        .arg(output)
        .arg("-L")
        .arg(format!("dependency={}", directory.display()))
        .arg("--extern")
        .arg(format!("steward={}", library(directory).display()))
        .arg(source)
        .output()
        .unwrap();
    (result.status.success(), String::from_utf8_lossy(&result.stderr).into_owned())
}

#[test]
fn accounts_are_out_of_reach_without_a_verified_customer() {
    let output = tempfile::tempdir().unwrap();
    let mut refused = 0;
    for entry in std::fs::read_dir("tests/compile_fail").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = text.lines().next().unwrap().trim_start_matches("//! ");
        let (compiled, said) = compile(&path, output.path());
        match expected.split_once(':') {
            Some((code, _)) if code.starts_with('E') => {
                assert!(!compiled, "{} compiles", path.display());
                let errors: Vec<&str> =
                    said.lines().filter(|line| line.starts_with("error[")).collect();
                assert_eq!(errors.len(), 1, "{}:\n{said}", path.display());
                assert!(errors[0].contains(code), "{}:\n{said}", path.display());
                refused += 1;
            }
            _ => assert!(compiled, "{}:\n{said}", path.display()),
        }
    }
    assert_eq!(refused, 8);
}
