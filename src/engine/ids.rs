use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

use super::Key;
use crate::id::{TaskId, task_id};

/// Ids and random numbers of one engine, each a function of the seed and of what it is for.
///
/// SipHash-2-4 under a secret random key is a pseudo-random function (Aumasson and Bernstein, 2012): without the seed
/// nobody can tell its values from random ones. So an id needs no memory, and one seed replays one run.
#[derive(Clone, Debug)]
pub struct Ids([u8; 16]);

impl Ids {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        Self(seed)
    }

    /// The id of a task, whatever became of it.
    pub fn id(&self, key: Key) -> TaskId {
        self.id_of(key.order)
    }

    /// The id of the task with that number. Nothing sorts them: their heads are as random as the rest.
    pub(super) fn id_of(&self, order: u64) -> TaskId {
        let bytes = self.hash(order, 0);
        task_id(bytes[0] >> 2, bytes)
    }

    /// A random number from 0 up to, not including, 1.
    pub(super) fn chance(&self, order: u64, epoch: u64) -> f64 {
        let [a, b, c, d, ..] = self.hash(order, epoch);
        f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }

    /// Epochs count from 1, so no chance shares its value with an id.
    fn hash(&self, order: u64, epoch: u64) -> [u8; 16] {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write_u64(order);
        hasher.write_u64(epoch);
        hasher.finish128().as_bytes()
    }
}
