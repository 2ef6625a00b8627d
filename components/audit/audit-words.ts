/** What was done, in words that go on after a name. */

type Words = readonly [done: string, tried: string];

/** Each action with what somebody did, and what somebody tried who was refused. */
export const ACTION_WORDS: Readonly<Record<string, Words>> = {
  "account.change_password": ["changed the own password", "change the own password"],
  "account.second_factor_begin": ["began to set up a second factor", "set up a second factor"],
  "account.second_factor_confirm": ["set up a second factor", "set up a second factor"],
  "account.second_factor_remove": ["removed the second factor", "remove the second factor"],
  "api_key.create": ["created an API key", "create an API key"],
  "api_key.revoke": ["revoked an API key", "revoke an API key"],
  "audit-log.rotate-key": ["gave the audit log a new signing key", "give the audit log a new signing key"],
  "audit.export": ["exported audit entries", "export audit entries"],
  "audit.verify": ["had the audit log checked", "have the audit log checked"],
  "baseline.create": ["created the baseline", "create the baseline"],
  "baseline.discard": ["discarded a draft", "discard a draft"],
  "baseline.draft": ["saved a draft", "save a draft"],
  "baseline.make_content": ["had content made for a baseline", "have content made for a baseline"],
  "baseline.publish": ["published a version, as agreed", "publish a version"],
  "baseline.rollback": ["rolled a version back, as agreed", "roll a version back"],
  "baseline.rollout": ["rolled a version out, as agreed", "roll a version out"],
  "change.cancel": ["withdrew the change request", "withdraw the change request"],
  "change.decide": ["decided the change request", "decide the change request"],
  "change.expire": ["let the change request expire", "let the change request expire"],
  "change.preview": ["previewed a change", "preview a change"],
  "change.propose": ["proposed a change", "propose a change"],
  "drift.decide": ["decided about drift", "decide about drift"],
  "drift.ignore": ["made an exception for drift", "make an exception for drift"],
  "drift.preview_settings": ["asked what other weights would move", "ask what other weights would move"],
  "drift.tune": ["changed how heavily drift weighs", "change how heavily drift weighs"],
  "enrolment.decide": ["decided about the enrolment", "decide about the enrolment"],
  "enrolment.pause": ["held the enrolment", "hold the enrolment"],
  "event.link": ["linked events to the node", "link events to the node"],
  "event.unlink": ["took linked events away again", "take linked events away again"],
  "evidence.read-raw": ["read raw evidence", "read raw evidence"],
  "exception.end": ["ended an exception", "end an exception"],
  "group_role.add": ["gave a group a role", "give a group a role"],
  "group_role.remove": ["took a role from a group", "take a role from a group"],
  "identity.settle": ["settled an identity alarm", "settle an identity alarm"],
  "notification.acknowledge": ["acknowledged the notification", "acknowledge the notification"],
  "notification.resolve": ["resolved the notification", "resolve the notification"],
  "notification_channel.change": ["changed the channel", "change the channel"],
  "notification_channel.create": ["created the channel", "create a channel"],
  "notification_channel.disable": ["took the channel out of use", "take the channel out of use"],
  "notification_channel.enable": ["took the channel into use again", "take the channel into use again"],
  "notification_channel.test": ["sent a test over the channel", "send a test over the channel"],
  "notification_delivery.replay": ["sent the message again", "send the message again"],
  "notification_routes.preview": [
    "looked at what other routes would do",
    "look at what other routes would do",
  ],
  "notification_routes.save": ["changed who hears of what", "change who hears of what"],
  "incident.link": ["linked changes to the incident", "link changes to the incident"],
  "incident.note": ["wrote a note", "write a note"],
  "incident.own": ["changed who owns the incident", "change who owns the incident"],
  "incident.resolve": ["resolved the incident", "resolve the incident"],
  "key.distrust": ["distrusted a signing key, as agreed", "distrust a signing key"],
  "node.expect": ["announced expected nodes", "announce expected nodes"],
  "node.label": ["changed labels", "change labels"],
  "node.rebind": ["bound the node to another identity, as agreed", "bind the node to another identity"],
  "node.retry": ["had the failed step tried again", "have the failed step tried again"],
  "node.transition": [
    "moved the node to another lifecycle state",
    "move the node to another lifecycle state",
  ],
  "node.withdraw": ["withdrew an expected node", "withdraw an expected node"],
  "policy.backtest": ["backtested a policy", "backtest a policy"],
  "policy.check": ["checked a policy", "check a policy"],
  "policy.end_exception": ["ended an exception", "end an exception"],
  "policy.end_shadow": ["ended the shadow stage", "end the shadow stage"],
  "policy.enforce": ["enforced a version, as agreed", "enforce a version"],
  "policy.except": ["made an exception", "make an exception"],
  "policy.impact": ["asked what a policy would move", "ask what a policy would move"],
  "policy.rollback": ["rolled back to an older version", "roll back to an older version"],
  "policy.save": ["saved a version", "save a version"],
  "policy.shadow": ["put a version into shadow", "put a version into shadow"],
  "policy.test_on_node": ["ran a policy against a node", "run a policy against a node"],
  "retention.set": ["changed how long evidence is kept", "change how long evidence is kept"],
  "role.grant": ["granted a role", "grant a role"],
  "role.revoke": ["revoked a role", "revoke a role"],
  "service_account.create": ["created the service account", "create a service account"],
  "service_account.create_key": [
    "created a key of the service account",
    "create a key of the service account",
  ],
  "service_account.disable": ["disabled the service account", "disable the service account"],
  "service_account.distrust": [
    "stopped trusting an issuer for the service account",
    "stop trusting an issuer for the service account",
  ],
  "service_account.enable": ["enabled the service account", "enable the service account"],
  "service_account.grant": ["granted the service account a role", "grant the service account a role"],
  "service_account.revoke_key": [
    "revoked a key of the service account",
    "revoke a key of the service account",
  ],
  "service_account.revoke_role": [
    "took a role from the service account",
    "take a role from the service account",
  ],
  "service_account.rotate_key": [
    "rotated a key of the service account",
    "rotate a key of the service account",
  ],
  "service_account.trust": [
    "trusted an issuer for the service account",
    "trust an issuer for the service account",
  ],
  "session.create": ["signed in", "sign in"],
  "session.revoke": ["ended a session", "end a session"],
  "session.step_up": ["proved again who they are", "prove again who they are"],
  "source.create": ["created the source", "create the source"],
  "source.disable": ["disabled the source", "disable the source"],
  "source.enrolment": ["changed how new nodes are let in", "change how new nodes are let in"],
  "source.set_limit": ["changed the silence limit", "change the silence limit"],
  "source_key.activate": ["activated a signing key", "activate a signing key"],
  "source_key.prepare": ["prepared signing keys", "prepare signing keys"],
  "source_key.retire": ["retired a signing key", "retire a signing key"],
  "trust_domain.create": ["created a trust domain", "create a trust domain"],
  "trust_domain.rename": ["renamed a trust domain", "rename a trust domain"],
  "window.end": ["ended the maintenance window early", "end the maintenance window early"],
  "window.plan": ["planned the maintenance window", "plan a maintenance window"],
  "window.preview": ["asked what a window would select", "ask what a window would select"],
  "user.create": ["created a person's account", "create a person's account"],
};

type Entry = { action: string; outcome: string; problemCode: string | null };

/** What the entry's actor did; an action that has no words is named as the log names it. */
export function actionWords({ action, outcome, problemCode }: Entry): string {
  const words = ACTION_WORDS[action];
  if (outcome === "done") return words?.[0] ?? `did ${action}`;
  return `tried to ${words?.[1] ?? `do ${action}`} and was refused${problemCode === null ? "" : `: ${problemCode}`}`;
}

/** Who acted: a person by e-mail, a service account by its key, or the product itself. */
export function actorWords({ actorKind, actor }: { actorKind: string; actor: string }): string {
  if (actorKind === "system") return `Touchstone (${actor})`;
  return actorKind === "api_key" ? `API key ${actor}` : actor;
}
