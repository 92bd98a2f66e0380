/** What is left of tasks when processes are killed with -9, on Linux; macOS, Bun and Deno play the same. */
import { Project } from '../js/client/project.js';
import { survivals } from '../js/platform/scenes.js';

survivals('Linux', (t) => new Project(t));
