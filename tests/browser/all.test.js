// Every browser test, against one server and one browser.

import "./conversation.js";
import "./appearance.js";
