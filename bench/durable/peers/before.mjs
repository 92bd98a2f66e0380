/** Another build of this project, of which `--before` names the folder. */
import { peer as offstage } from './offstage.mjs';

export const peer = { ...offstage, id: 'before', title: 'before' };
