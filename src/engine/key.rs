/// Which task: the entry it has, and the number that no other task of the engine ever had.
///
/// An entry is used again once its task was dropped; a key of the task before finds nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The engine's tasks counted from 1, in the order of their creation.
    pub order: u64,
    /// Which entry.
    pub slot: u32,
}
