import { IconHistory } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Empty } from '../../components/empty.tsx'
import { LoadingRows } from '../../components/loading-rows.tsx'
import { Panel } from '../../components/panel.tsx'
import { Problem } from '../../components/problem.tsx'
import { useNow } from '../../components/use-now.ts'
import { useLive } from '../../live/live-provider.tsx'
import { mergeEvents } from '../../live/live-state.ts'
import { useServices } from '../../services.tsx'
import classes from './events-page.module.css'
import { presentEvents } from './presenter.ts'

const route = getRouteApi('/signed-in/jobs/$name/events')

export function EventsPage() {
  const { name } = route.useParams()
  const { queries } = useServices()
  const now = useNow(10_000)
  const fetched = useQuery(queries.events(name))
  const live = useLive((state) => state.events)
  const events = useMemo(() => mergeEvents(fetched.data?.items ?? [], live), [fetched.data, live])

  if (fetched.error && events.length === 0)
    return <Problem error={fetched.error} onRetry={() => void fetched.refetch()} />
  if (fetched.isPending && events.length === 0)
    return (
      <Panel padded={false}>
        <LoadingRows />
      </Panel>
    )
  return (
    <Panel title="Events" note="what happened to the job, and who or what made it happen">
      {events.length === 0 ? (
        <Empty icon={<IconHistory size={20} />} title="Nothing has happened yet">
          <p>Each change of the job’s state is kept here with its reason.</p>
        </Empty>
      ) : (
        presentEvents(events, now).map((day) => (
          <section key={day.date} className={classes.day}>
            <h3>{day.date}</h3>
            <ol>
              {day.events.map((event) => (
                <li key={event.id} className={classes.event} data-tone={event.tone}>
                  <time title={`${event.dateTime}, ${event.age}`}>{event.time}</time>
                  <span className={classes.dot} aria-hidden="true" />
                  <div>
                    <p className={classes.title}>
                      <strong>{event.title}</strong>
                      {event.from && <span>was {event.from.toLowerCase()}</span>}
                      <span className={classes.actor}>{event.actor}</span>
                    </p>
                    <p className={classes.reason}>{event.reason}</p>
                  </div>
                </li>
              ))}
            </ol>
          </section>
        ))
      )}
    </Panel>
  )
}
