import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './playground.css'
import { createRoot } from 'react-dom/client'
import { Playground } from './Playground'
import { language } from './words'

document.documentElement.lang = language
const place = document.getElementById('playground')
if (place === null) throw new Error('playground.html has no #playground')
createRoot(place).render(<Playground />)
