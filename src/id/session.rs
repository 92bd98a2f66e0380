/// Makes a session's id out of 4 random bytes: `session_` and 8 hex digits.
///
/// Short enough to type, so not unique beyond one store's use: two of 10,000 sessions are alike in one case of a hundred.
///
/// ```
/// assert_eq!(offstage_core::id::session_id([0, 1, 254, 255]), "session_0001feff");
/// ```
pub fn session_id(random: [u8; 4]) -> String {
    format!("session_{:08x}", u32::from_be_bytes(random))
}
