//! `steward team …`: members and keys, at the terminal. Works beside a running server, which sees each change within a second.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use steward::config::Config;
use steward::store::Store;
use steward::store::audit::Actor;
use steward::store::team::{MemberChange, MemberChanged};
use steward::team::lockout::name_key;
use steward::team::{Key, Role, check_name, password};

#[derive(Args)]
pub struct TeamArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Add a member. The password is asked for.
    Add {
        /// What the member signs in with.
        name: String,
        /// What the member may do: agent or admin.
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        password: PasswordArguments,
    },
    /// Print the members as JSON lines.
    List,
    /// Disable a member: every session of theirs ends.
    Disable {
        /// The member.
        name: String,
    },
    /// Let a disabled member sign in again.
    Enable {
        /// The member.
        name: String,
    },
    /// Change what a member may do.
    Role {
        /// The member.
        name: String,
        /// agent or admin.
        role: Role,
    },
    /// Give a member another password, which is asked for: every session of theirs ends.
    Password {
        /// The member.
        name: String,
        #[command(flatten)]
        password: PasswordArguments,
    },
    /// Let a member whose name was locked by failed sign-ins try again at once.
    Unlock {
        /// The member.
        name: String,
    },
    /// Keys of programs.
    Keys {
        #[command(subcommand)]
        what: WhatKeys,
    },
}

#[derive(Args)]
struct PasswordArguments {
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Subcommand)]
enum WhatKeys {
    /// Make a key and print it, this once.
    Add {
        /// What it is for.
        name: String,
        /// What its holder may do: agent or admin.
        #[arg(long)]
        role: Role,
        /// After so many days it ends by itself.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// Print the keys as JSON lines, without their secrets.
    List,
    /// Revoke a key, at once and for good.
    Revoke {
        /// The key's id, as `list` prints it.
        id: String,
    },
}

pub fn run(arguments: &TeamArguments, config: &Config) -> anyhow::Result<ExitCode> {
    config.create_data_dir()?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    runtime.block_on(async {
        let store = Store::open_beside(&config.store_path()).await?;
        let done = act(&arguments.what, &store).await;
        store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    })
}

async fn act(what: &What, store: &Store) -> anyhow::Result<()> {
    match what {
        What::Add { name, role, password } => {
            check_name(name)?;
            let hash = hash_of_new_password(name, password)?;
            if !store.add_member(name, *role, &hash, &Actor::Operator).await? {
                bail!(
                    "there is a member {name} already; `steward team password` gives another password"
                );
            }
            println!("added {name} as {role}");
        }
        What::List => {
            for member in store.team().await?.members {
                println!("{}", serde_json::to_string(&member)?);
            }
        }
        What::Disable { name } => {
            change(store, name, MemberChange { disabled: Some(true), ..MemberChange::default() })
                .await?;
            println!("disabled {name}");
        }
        What::Enable { name } => {
            change(store, name, MemberChange { disabled: Some(false), ..MemberChange::default() })
                .await?;
            println!("enabled {name}");
        }
        What::Role { name, role } => {
            change(store, name, MemberChange { role: Some(*role), ..MemberChange::default() })
                .await?;
            println!("{name} is {role} now");
        }
        What::Password { name, password } => {
            member_of(store, name).await?;
            let hash = hash_of_new_password(name, password)?;
            store.set_password(name, &hash, None, &Actor::Operator).await?;
            println!("{name} has another password; every session of theirs has ended");
        }
        What::Unlock { name } => {
            let name = member_of(store, name).await?;
            store.unlock(&name_key(&name), &name, &Actor::Operator).await?;
            println!("{name} may try again");
        }
        What::Keys { what } => act_on_keys(what, store).await?,
    }
    Ok(())
}

async fn act_on_keys(what: &WhatKeys, store: &Store) -> anyhow::Result<()> {
    match what {
        WhatKeys::Add { name, role, expires_in_days } => {
            let created_by = Actor::Operator.to_string();
            let (key, text) = Key::new(name, *role, *expires_in_days, &created_by)?;
            store.add_key(&key, &Actor::Operator).await?;
            println!("{text}");
            eprintln!("this is the only time that the key is shown");
        }
        WhatKeys::List => {
            for key in store.keys().await? {
                println!("{}", serde_json::to_string(&key)?);
            }
        }
        WhatKeys::Revoke { id } => {
            if !store.revoke_key(id, &Actor::Operator).await? {
                bail!("there is no key {id}; `steward team keys list` prints them");
            }
            println!("revoked {id}");
        }
    }
    Ok(())
}

async fn change(store: &Store, name: &str, change: MemberChange) -> anyhow::Result<()> {
    match store.change_member(name, change, &Actor::Operator).await? {
        MemberChanged::Done => Ok(()),
        MemberChanged::Unknown => bail!("{}", no_such_member(name)),
        MemberChanged::LastAdmin => bail!("{name} is the last admin; make another one first"),
    }
}

/// The member's name as it is written.
async fn member_of(store: &Store, name: &str) -> anyhow::Result<String> {
    let known = store.credential(name).await?;
    known.map(|known| known.member.name).with_context(|| no_such_member(name))
}

fn no_such_member(name: &str) -> String {
    format!("there is no member {name}; `steward team list` prints them")
}

fn hash_of_new_password(name: &str, arguments: &PasswordArguments) -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    let new_password = if arguments.password_stdin {
        let mut line = String::new();
        stdin.lock().read_line(&mut line).context("cannot read the password")?;
        line.trim_end_matches(['\r', '\n']).to_string()
    } else if stdin.is_terminal() {
        let first = rpassword::prompt_password(format!("Password for {name}: "))
            .context("cannot read the password")?;
        let second =
            rpassword::prompt_password("Once more: ").context("cannot read the password")?;
        if first != second {
            bail!("the two are not the same; nothing was changed");
        }
        first
    } else {
        bail!("there is no terminal to ask for the password; say --password-stdin");
    };
    password::check(&new_password, name)?;
    Ok(password::hash(&new_password)?)
}
