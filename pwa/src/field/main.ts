// Entry of the field app: puts screens, data and transport together and waits for the first screen before it shows.
// The static page stays until then, so that something calm is on the screen at every moment.

import { createApp } from 'vue'
import { startTransport } from '@/transport'
import App from './App.vue'
import { router } from './router'
import { restoreSize } from './size'

restoreSize()
const app = createApp(App).use(router)
startTransport()
void router.isReady().then(() => app.mount('#app'))
