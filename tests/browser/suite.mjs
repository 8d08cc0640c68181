/** All browser checks in one process, so that they share one server and one Chromium. See ./run. */

import "./checks/replies.mjs";
import "./checks/connection.mjs";
import "./checks/identity.mjs";
import "./checks/composing.mjs";
import "./checks/reading.mjs";
import "./checks/takeover.mjs";
import "./checks/access.mjs";
import "./checks/safety.mjs";
import "./checks/injection.mjs";
import "./checks/pictures.mjs";
