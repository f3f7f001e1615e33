// One module per type of slide: `type(host, kit)` returns {draw(slide, animated)}, which returns what the head says:
// {title, period?, moment?}. `kit` holds {words, say, scale, zone, files, now(), day()}.

import {contest} from './contest.js';
import {duel} from './duel.js';
import {goal} from './goal.js';
import {message} from './message.js';
import {moments} from './moments.js';
import {teams} from './teams.js';
import {top} from './top.js';
import {wins} from './wins.js';

export const slides = {teams, duel, contest, goal, top, wins, moments, message};
