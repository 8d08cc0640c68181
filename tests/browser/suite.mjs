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
import "./checks/widget-sdk.mjs";
import "./checks/widget-forms.mjs";
import "./checks/widget-files.mjs";
import "./checks/pictures.mjs";
import "./checks/desk-sign-in.mjs";
import "./checks/desk-story.mjs";
import "./checks/desk-together.mjs";
import "./checks/desk-access.mjs";
import "./checks/desk-size.mjs";
import "./checks/desk-pictures.mjs";
import "./checks/design.mjs";
import "./checks/settings.mjs";
import "./checks/knowledge.mjs";
import "./checks/outcomes.mjs";
import "./checks/new-agent.mjs";
