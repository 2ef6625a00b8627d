-- Notifications: what happened, who wants to hear of it and how, and every attempt to tell.

-- Written in the transaction of what it tells. Append-only but for routed_at.
CREATE TABLE announcement (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  -- info | warning | critical
  severity text NOT NULL,
  -- What it is about, for example node:ID. What opens and what closes one matter name the same.
  thread text NOT NULL,
  -- opens | tells | closes
  effect text NOT NULL,
  labels jsonb NOT NULL,
  title text NOT NULL,
  summary text NOT NULL,
  link text NOT NULL,
  at timestamptz(3) NOT NULL,
  -- NULL = nobody has looked yet who wants to hear of it.
  routed_at timestamptz(3),
  -- Notifications it became part of; 0 = no route wants it, which is shown.
  notifications integer,
  PRIMARY KEY (trust_domain_id, id)
);
CREATE INDEX announcement_outbox ON announcement (trust_domain_id, id) WHERE routed_at IS NULL;

CREATE TABLE notification_channel (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  -- Nothing secret; what is secret is sealed for this very channel.
  settings jsonb NOT NULL,
  sealed_secrets bytea,
  created_at timestamptz(3) NOT NULL,
  -- NULL = in use.
  disabled_at timestamptz(3),
  disabled_why text,
  -- Since when nothing arrives any more; NULL = the last attempt arrived, or there was none.
  failing_since timestamptz(3),
  last_ok_at timestamptz(3),
  last_problem text,
  PRIMARY KEY (trust_domain_id, id),
  UNIQUE (trust_domain_id, name)
);

-- The routes of a domain: one tree, for what happens in it and below it. Each change is a new revision.
CREATE TABLE notification_routes (
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  revision integer NOT NULL,
  tree jsonb NOT NULL,
  saved_at timestamptz(3) NOT NULL,
  saved_by text NOT NULL,
  PRIMARY KEY (trust_domain_id, revision)
);

-- What one route makes of the events that belong together; what people acknowledge.
CREATE TABLE notification (
  -- Of the tree, which is the domain of the events or one above it.
  trust_domain_id uuid NOT NULL REFERENCES trust_domain (id),
  id uuid NOT NULL,
  -- Names of the routes from the root down, and the values that it groups by.
  route text NOT NULL,
  group_key text NOT NULL,
  title text NOT NULL,
  severity text NOT NULL,
  link text NOT NULL,
  -- open | told | acknowledged | resolved
  state text NOT NULL,
  events integer NOT NULL,
  -- Matters in it that have not been closed.
  threads text[] NOT NULL,
  channel_ids uuid[] NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  -- Steps of escalation as the route had them; the next one, and when it is due. NULL = none is.
  escalation jsonb NOT NULL,
  next_step integer,
  next_step_at timestamptz(3),
  acknowledged_at timestamptz(3),
  acknowledged_by text,
  comment text,
  resolved_at timestamptz(3),
  -- NULL = what it told is over by itself.
  resolved_by text,
  PRIMARY KEY (trust_domain_id, id)
);
CREATE UNIQUE INDEX notification_open ON notification (trust_domain_id, route, group_key)
  WHERE state IN ('open', 'acknowledged');
CREATE INDEX notification_recent ON notification (trust_domain_id, last_at DESC, id);
CREATE INDEX notification_due ON notification (trust_domain_id, next_step_at) WHERE next_step_at IS NOT NULL;

-- One message to one channel. Its id is the id that receivers tell repetitions by.
CREATE TABLE notification_delivery (
  trust_domain_id uuid NOT NULL,
  id uuid NOT NULL,
  channel_id uuid NOT NULL,
  -- NULL = a test.
  notification_id uuid,
  -- What is told to one channel in one line is told in order: route and group; NULL = a test.
  line text,
  -- trigger | acknowledge | resolve | test
  verb text NOT NULL,
  -- What is told, as it was: events with all their words.
  message jsonb NOT NULL,
  -- Events in it; it is still added to until it is tried for the first time.
  events integer NOT NULL,
  -- waiting | sending | delivered | given_up
  state text NOT NULL,
  attempts integer NOT NULL,
  next_at timestamptz(3) NOT NULL,
  -- Until when whoever sends it may be believed to be at it.
  claimed_until timestamptz(3),
  last_at timestamptz(3),
  -- How the last attempt ended, in words; NULL = there was none, or it arrived.
  last_problem text,
  last_status integer,
  -- How the other side calls it: a ticket, an incident.
  remote_ref text,
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  PRIMARY KEY (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, channel_id) REFERENCES notification_channel (trust_domain_id, id),
  FOREIGN KEY (trust_domain_id, notification_id) REFERENCES notification (trust_domain_id, id)
);
CREATE INDEX notification_delivery_due ON notification_delivery (trust_domain_id, next_at)
  WHERE state IN ('waiting', 'sending');
CREATE INDEX notification_delivery_recent ON notification_delivery (trust_domain_id, id DESC);
CREATE INDEX notification_delivery_line ON notification_delivery (trust_domain_id, channel_id, line, id);
CREATE INDEX notification_delivery_about ON notification_delivery (trust_domain_id, notification_id, id);

SELECT protect_tenant_tables();
