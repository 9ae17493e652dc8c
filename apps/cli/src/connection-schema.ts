/** Of all that the platform's API knows, what a run needs: so the bundle of the command can leave out the rest. */
export { putConnectionSchema } from '@lightflus/contracts'
