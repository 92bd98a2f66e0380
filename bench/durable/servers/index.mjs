/** Servers of the peers that need one. Each measurement gets its own, which is stopped after it. */
const STARTERS = {};

/** Starts the server `name` in `folder`; answers { url, pid, stop }. */
export const startServer = (name, folder) => STARTERS[name](folder);
