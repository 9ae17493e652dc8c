{{- define "lightflus.fullname" -}}
{{- if contains "lightflus" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-lightflus" (.Release.Name | trunc 30 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "lightflus.platform" -}}
{{- .Values.platform.name | default (printf "%s.%s" .Release.Name .Release.Namespace | trunc 63 | trimSuffix "-" | trimSuffix ".") -}}
{{- end -}}

{{- define "lightflus.selectorLabels" -}}
app.kubernetes.io/name: lightflus
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control-plane
{{- end -}}

{{- define "lightflus.labels" -}}
{{ include "lightflus.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "lightflus.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "lightflus.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* The account's rights belong to the whole cluster, so their name has to say whose they are. */}}
{{- define "lightflus.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "lightflus.fullname" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "lightflus.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{- define "lightflus.workerImage" -}}
{{- printf "%s:%s" .Values.workers.image.repository (.Values.workers.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{/* The pod's settings that Pod Security asks for at its level `restricted`. */}}
{{- define "lightflus.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "lightflus.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* An environment variable from a secret: dict "name" variable, "own" the secret of this release, "from" its values, "given" the value in them. */}}
{{- define "lightflus.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      {{- if .from.existingSecret }}
      name: {{ .from.existingSecret }}
      key: {{ .from.key }}
      {{- else }}
      name: {{ .own }}
      key: {{ .name }}
      {{- end }}
{{- end -}}

{{/* Stops an installation that could not work, with all reasons at once. */}}
{{- define "lightflus.validate" -}}
{{- $problems := list -}}
{{- with .Values.database }}{{ if not (or .url .existingSecret) }}{{ $problems = append $problems "database.url or database.existingSecret: the platform needs a Postgres" }}{{ end }}{{ end -}}
{{- with .Values.encryption }}{{ if not (or .encryptionKey .existingSecret) }}{{ $problems = append $problems "encryption.encryptionKey or encryption.existingSecret: `openssl rand -base64 32` makes a key" }}{{ end }}{{ end -}}
{{- if gt (int .Values.workers.slotCpuRequest) (int .Values.workers.slotCpuLimit) }}{{ $problems = append $problems "workers.slotCpuRequest: more than workers.slotCpuLimit" }}{{ end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}{{ $problems = append $problems "ingress.host: needed with an ingress" }}{{ end -}}
{{- if $problems }}{{ fail (printf "\n  %s" (join "\n  " $problems)) }}{{ end -}}
{{- end -}}
