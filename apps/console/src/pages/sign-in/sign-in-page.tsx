import { isLightflusError } from '@lightflus/api'
import { signInSchema } from '@lightflus/contracts'
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { Logo } from '../../components/logo.tsx'
import { useDocumentTitle } from '@mantine/hooks'
import { Problem } from '../../components/problem.tsx'
import { useServices } from '../../services.tsx'
import classes from './sign-in-page.module.css'

export function SignInPage() {
  useDocumentTitle('Sign in · Lightflus')
  const { session } = useServices()
  const form = useForm({
    initialValues: { email: '', password: '', tenant: '' },
    validate: schemaResolver(signInSchema.omit({ tenant: true })),
  })
  // A session that begins sends the router on: this page's route redirects who is signed in.
  const signIn = useMutation({
    mutationFn: ({ email, password, tenant }: typeof form.values) =>
      session.signIn({ email, password, ...(tenant ? { tenant } : {}) }),
  })
  const severalTenants = isLightflusError(signIn.error) && signIn.error.code === 'LF_TENANT_AMBIGUOUS'

  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
        <header className={classes.header}>
          <Logo size={32} />
          <h1>Sign in to Lightflus</h1>
        </header>
        <Stack gap="sm">
          <TextInput label="E-mail" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps('password')} />
          {(severalTenants || form.values.tenant !== '') && (
            <TextInput label="Tenant" description="You are a member of several." {...form.getInputProps('tenant')} />
          )}
          {signIn.error && <Problem compact error={signIn.error} />}
          <Button type="submit" size="sm" fullWidth mt={4} loading={signIn.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
      <p className={classes.hint}>
        A platform on your own machine prints its sign-in when it starts; <code>lightflus reset-password</code> makes a
        new password.
      </p>
    </main>
  )
}
