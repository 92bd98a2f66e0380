//! Rule 17, row by row: which code a task may run.

use offstage_core::task::{Command, FailureCode, OnCodeChange, Status};

use super::Model;
use super::Reply::{self, Happened, Refused};

impl Model {
    /// None: the command is about something else.
    pub(super) fn about_code(&mut self, command: &Command, now: i64) -> Option<Reply> {
        match command {
            Command::Code { attempt, epoch, version, digest, serves } => {
                let runs = self.status == Status::Running && self.is_code(*attempt, *epoch);
                Some(if runs { self.finds(version, digest, *serves, now) } else { Happened(vec![]) })
            }
            Command::Found { version, digest, serves } => Some(self.is_told(version, digest, *serves)),
            Command::Update {} => Some(self.updated()),
            Command::Start { .. } if self.held.is_some() => Some(Refused),
            _ => None,
        }
    }

    fn finds(&mut self, version: &str, digest: &Option<String>, serves: bool, now: i64) -> Reply {
        let own = serves || self.knows.0.as_deref().unwrap_or(version) == version;
        match self.policy {
            Some(OnCodeChange::Fail) if !own => {
                self.code = None;
                return self.fail_for_good(FailureCode::Failed, now);
            }
            Some(OnCodeChange::Hold) if !own => return self.hold(version, digest),
            None if !own && self.remembers() => return self.hold(version, digest),
            _ => {}
        }
        let version = if serves { self.knows.0.clone().unwrap_or(version.into()) } else { version.into() };
        let now_knows = (Some(version), digest.clone());
        if self.knows == now_knows {
            return Happened(vec![]);
        }
        self.went_on_with_other_code |= self.knows.0.is_some() && self.remembers();
        self.knows = now_knows;
        Happened(vec!["code"])
    }

    fn hold(&mut self, version: &str, digest: &Option<String>) -> Reply {
        self.held = Some((version.into(), digest.clone()));
        self.never_begun();
        Happened(vec!["code"])
    }

    fn is_told(&mut self, version: &str, digest: &Option<String>, serves: bool) -> Reply {
        let Some(held) = &self.held else { return Happened(vec![]) };
        let own = serves || self.knows.0.as_deref() == Some(version);
        if !own && *held == (version.into(), digest.clone()) {
            return Happened(vec![]);
        }
        self.held = None;
        Happened(vec!["updated"])
    }

    fn updated(&mut self) -> Reply {
        if self.ended.is_some() {
            return Refused;
        }
        self.held = None;
        self.went_on_with_other_code |= self.remembers();
        self.knows = (None, None);
        Happened(vec!["updated"])
    }

    fn remembers(&self) -> bool {
        self.stepped || self.questions.iter().any(|question| question.answered)
    }
}
