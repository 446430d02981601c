// Entry of the desk app: makes the Vue app and puts it on the page.

import { createApp } from 'vue'
import App from './App.vue'

createApp(App).mount('#app')
