/** Of all that the engine does, what a command needs: so the bundle of the command can leave out the rest. */
export { planJob } from '@lightflus/engine'
