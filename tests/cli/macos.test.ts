/** macOS, simulated: processes are told apart by ps(1), and there is no `/proc`. */
import { Faked } from '../js/platform/faked.js';
import { acrossProcesses, inOneProcess, survivals } from '../js/platform/scenes.js';

inOneProcess('macOS', (t) => new Faked(t, 'darwin'));
acrossProcesses('macOS', (t) => new Faked(t, 'darwin'));
survivals('macOS', (t) => new Faked(t, 'darwin'));
