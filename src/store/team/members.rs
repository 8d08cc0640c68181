//! Members: added, changed, disabled; their passwords.

use sqlx::{Row, Sqlite, Transaction};

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms, word_of};
use super::{BAD_ROW, changed, member_of};
use crate::Result;
use crate::error::Context;
use crate::team::{Member, Role};

/// What a password is held against. Never printed.
pub struct Credential {
    /// Whose it is.
    pub member: Member,
    /// The PHC string.
    pub password_hash: String,
}

/// What is to be different about a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// Another role.
    pub role: Option<Role>,
    /// May not sign in any more, or may again.
    pub disabled: Option<bool>,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChanged {
    /// It is so now.
    Done,
    /// There is no such member.
    Unknown,
    /// Refused: nobody would be left who may change the team.
    LastAdmin,
}

impl Store {
    /// Adds a member. False if there is one of this name.
    pub async fn add_member(
        &self,
        name: &str,
        role: Role,
        password_hash: &str,
        actor: &Actor<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO team_members (name, role, password_hash, created_ms) VALUES (?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(name)
        .bind(word_of(&role)?)
        .bind(password_hash)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await
        .internal("cannot add a member")?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        note(&mut transaction, actor, "add_member", &format!("{name} as {role}")).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit a member")?;
        Ok(true)
    }

    /// The member `name`, and what the password is held against.
    pub async fn credential(&self, name: &str) -> Result<Option<Credential>> {
        let row = sqlx::query("SELECT * FROM team_members WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.readers)
            .await
            .internal("cannot read a member")?;
        let Some(row) = row else { return Ok(None) };
        let password_hash = row.try_get("password_hash").internal(BAD_ROW)?;
        Ok(Some(Credential { member: member_of(&row)?, password_hash }))
    }

    /// Changes a member. Disabling ends every session of theirs.
    pub async fn change_member(
        &self,
        name: &str,
        change: MemberChange,
        actor: &Actor<'_>,
    ) -> Result<MemberChanged> {
        let mut transaction = self.begin().await?;
        let Some(before) = member_in(&mut transaction, name).await? else {
            return Ok(MemberChanged::Unknown);
        };
        let role = change.role.unwrap_or(before.role);
        let disabled = change.disabled.unwrap_or(before.disabled);
        let was_admin = before.role == Role::Admin && !before.disabled;
        let stays_admin = role == Role::Admin && !disabled;
        if was_admin && !stays_admin && admins_in(&mut transaction).await? < 2 {
            return Ok(MemberChanged::LastAdmin);
        }
        sqlx::query("UPDATE team_members SET role = ?, disabled = ? WHERE name = ?")
            .bind(word_of(&role)?)
            .bind(disabled)
            .bind(name)
            .execute(&mut *transaction)
            .await
            .internal("cannot change a member")?;
        if disabled {
            end_sessions_of(&mut transaction, name, "").await?;
        }
        let name = &before.name;
        if role != before.role {
            note(&mut transaction, actor, "change_role", &format!("{name} to {role}")).await?;
        }
        if disabled != before.disabled {
            let action = if disabled { "disable_member" } else { "enable_member" };
            note(&mut transaction, actor, action, name).await?;
        }
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit a change of a member")?;
        Ok(MemberChanged::Done)
    }

    /// Gives a member another password, and ends every session of theirs but `kept`. False if there is no such member.
    pub async fn set_password(
        &self,
        name: &str,
        password_hash: &str,
        kept: Option<&str>,
        actor: &Actor<'_>,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let Some(member) = member_in(&mut transaction, name).await? else { return Ok(false) };
        sqlx::query("UPDATE team_members SET password_hash = ? WHERE name = ?")
            .bind(password_hash)
            .bind(name)
            .execute(&mut *transaction)
            .await
            .internal("cannot change a password")?;
        end_sessions_of(&mut transaction, name, kept.unwrap_or_default()).await?;
        note(&mut transaction, actor, "change_password", &member.name).await?;
        changed(&mut transaction).await?;
        transaction.commit().await.internal("cannot commit a password")?;
        Ok(true)
    }
}

async fn member_in(
    transaction: &mut Transaction<'static, Sqlite>,
    name: &str,
) -> Result<Option<Member>> {
    let row = sqlx::query("SELECT * FROM team_members WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot read a member")?;
    row.as_ref().map(member_of).transpose()
}

async fn admins_in(transaction: &mut Transaction<'static, Sqlite>) -> Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM team_members WHERE role = 'admin' AND NOT disabled")
        .fetch_one(&mut **transaction)
        .await
        .internal("cannot count the admins")
}

async fn end_sessions_of(
    transaction: &mut Transaction<'static, Sqlite>,
    name: &str,
    kept: &str,
) -> Result<()> {
    sqlx::query("DELETE FROM team_sessions WHERE member = ? AND id <> ?")
        .bind(name)
        .bind(kept)
        .execute(&mut **transaction)
        .await
        .internal("cannot end sessions")?;
    Ok(())
}
