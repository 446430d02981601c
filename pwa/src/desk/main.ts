// Entry of the desk app: makes the Vue app and puts it on the page once the first screen is there.

import { createApp } from 'vue'
import '@/ui/tokens.css'
import '@/ui/base.css'
import './desk.css'
import App from './App.vue'
import { router } from './router'

async function start(): Promise<void> {
  const app = createApp(App).use(router)
  await router.isReady()
  app.mount('#app')
}

void start()
