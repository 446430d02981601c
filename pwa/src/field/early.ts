// A script of its own before the app's: asks for the databases as soon as the page is there, while the app's scripts are still on their way.

import { openAhead } from '@/data/early'

openAhead()
