// A script of its own before the app's: asks for the databases and puts the chosen look on the page, while the app is still on its way.

import { openAhead } from '@/data/early'
import { showKeptLook } from './early_look'

openAhead()
showKeptLook()
