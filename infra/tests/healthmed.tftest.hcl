# What must hold, whoever changes what: of the whole, as a provider that is made up applies it.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_ec2_managed_prefix_list" {
    defaults = { id = "pl-0123456789", entries = [{ cidr = "130.176.0.0/17", description = "" }] }
  }
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "healthmed.abc.sa-east-1.rds.amazonaws.com"
      resource_id        = "db-ABC"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:rds", secret_status = "active", kms_key_id = "key" }]
    }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/E1" }
  }
  mock_resource "aws_sesv2_email_identity" {
    defaults = { dkim_signing_attributes = { tokens = ["a", "b", "c"] } }
  }
}

variables {
  environment       = "production"
  cidr              = "10.20.0.0/16"
  domain            = "saude.example"
  zone_id           = "Z1"
  on_duty           = ["duty@example.com"]
  meetings          = "chime"
  registries        = { cpf = "https://cpf.example", crm = "https://crm.example" }
  source_repository = "clinic/healthmed"
  first_image_tag   = "first"
  links_public_key  = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"
  origin_secret     = "0123456789012345678901234567890123456789"
  approval          = true
  database = {
    instance_class = "db.r8g.2xlarge", storage_gib = 400, multi_az = true, replicas = 1
    backup_days    = 35, insights = "advanced", connections = 5000
  }
  cache   = { node_type = "cache.t4g.small", nodes = 2 }
  servers = { cpu = 1024, memory = 3072, least = 6, most = 40, connections = 20, sockets = 2000 }
}

# One run for all of it, since each makes the whole anew.
run "what_must_hold" {
  command = apply

  # ------------------------------------------------------------------ what keeps data

  assert {
    condition     = module.database.kept.multi_az && module.database.kept.encrypted && module.database.kept.deletion_protection
    error_message = "the database has a standby, is encrypted, and refuses to be deleted"
  }
  assert {
    condition     = !module.database.kept.public
    error_message = "the database must not be reachable from outside"
  }
  assert {
    condition     = module.database.kept.backup_days == 35 && module.database.kept.iam && module.database.kept.insights
    error_message = "any moment of 35 days, tokens of IAM, and insights"
  }
  assert {
    condition     = module.database.kept.parameters["rds.force_ssl"] == "1" && module.database.kept.parameters["log_parameter_max_length"] == "0"
    error_message = "connections are encrypted, and no value is ever logged"
  }
  assert {
    condition     = module.cache.kept.encrypted && module.cache.kept.failover
    error_message = "Valkey takes encrypted connections alone, and has a second node"
  }
  assert {
    condition     = strcontains(module.cache.kept.access, "-@all") && strcontains(module.cache.kept.access, "&healthmed_events")
    error_message = "servers say and hear one word in Valkey, and may do nothing else"
  }
  assert {
    condition     = module.storage.kept.versioned && module.storage.kept.shut
    error_message = "every bucket keeps versions, and none is public"
  }
  assert {
    condition     = module.storage.kept.lock == "COMPLIANCE" && module.audit.kept.lock == "COMPLIANCE"
    error_message = "nobody deletes heads of the access log, or the trail"
  }
  assert {
    condition     = alltrue([for algorithm in values(module.storage.kept.algorithms) : algorithm == "aws:kms"])
    error_message = "documents and heads are encrypted by a key of ours"
  }
  assert {
    condition     = join(",", module.storage.kept.logged) == "documents,heads"
    error_message = "who asks for a document or a head is logged by S3"
  }
  assert {
    condition     = module.storage.kept.replicated == "Enabled"
    error_message = "documents have a copy in another region"
  }
  assert {
    condition     = alltrue([for policy in module.storage.kept.policies : strcontains(policy, "aws:SecureTransport")])
    error_message = "nothing goes to a bucket in plain"
  }
  assert {
    condition     = module.backups.kept.locked && length(module.backups.kept.copied) == 3 && length(module.backups.kept.what) == 2 && module.backups.kept.restored["RDS"] == module.database.arn && module.backups.kept.restored["S3"] == module.storage.documents.arn
    error_message = "backups are locked, copied, and a restore of each is tried"
  }
  assert {
    condition     = alltrue([for key in module.key : key.rotates])
    error_message = "KMS replaces the material of every key"
  }

  # ------------------------------------------------------------------ no way from outside

  assert {
    condition     = length(module.network.data_routes) == 0
    error_message = "no route leads out of where data are"
  }
  assert {
    condition     = length(module.security_groups.reached_from_addresses) == 0
    error_message = "nobody is let in by an address"
  }
  assert {
    condition     = join(",", module.security_groups.reach_database) == "job,server"
    error_message = "servers and jobs alone reach the database"
  }
  assert {
    condition     = !module.server.kept.public
    error_message = "servers have no addresses of the internet"
  }
  assert {
    condition     = alltrue([for policy in module.balancer.kept.policies : startswith(policy, "ELBSecurityPolicy-TLS13-1-2")]) && alltrue([for protocol in module.balancer.kept.protocols : protocol == "HTTPS"])
    error_message = "the balancer speaks TLS 1.2 and 1.3, and nothing in plain"
  }
  assert {
    condition     = alltrue([for tls in module.cdn.kept.tls : tls == "TLSv1.2_2021"]) && alltrue([for policy in module.cdn.kept.viewers : contains(["redirect-to-https", "https-only"], policy)]) && alltrue([for policy in module.cdn.kept.origin : policy == "https-only"])
    error_message = "CloudFront speaks TLS to both sides"
  }
  assert {
    condition     = length(module.cdn.kept.walls) == 2 && alltrue([for wall in module.cdn.kept.walls : wall == module.edge_wall.arn])
    error_message = "the WAF stands before both distributions"
  }
  assert {
    condition     = contains(module.wall.kept.rules, "around-the-front") && contains(module.wall.kept.before, "balancer") && contains(module.partners_wall.kept.before, "partners")
    error_message = "a WAF stands before balancer and partners' door, and who comes around CloudFront is refused"
  }
  assert {
    condition     = alltrue([for rule in ["too-long", "flood", "common", "known", "reputation"] : contains(module.edge_wall.kept.rules, rule)])
    error_message = "managed rules, a rate, and the size of a body"
  }
  assert {
    condition     = module.dns.aliases["page"] == module.cdn.page.name && module.dns.aliases["files"] == module.cdn.files.name && module.dns.aliases["origin"] == module.balancer.dns.name && module.dns.aliases["partners"] == module.partners.target.name
    error_message = "names lead to what is ours, and to nothing that somebody else may take"
  }
  assert {
    condition     = module.cdn.kept.signed && module.cdn.kept.oac == "always"
    error_message = "documents are read by signed links, and through CloudFront alone"
  }
  assert {
    condition     = !anytrue([for field in module.cdn.kept.logged : startswith(field, "cs-uri")])
    error_message = "paths of calendar feeds are secret: they are in no log"
  }
  assert {
    condition     = !anytrue(module.cdn.kept.overrides)
    error_message = "the page's own policy is not overridden"
  }
  assert {
    condition     = module.partners.kept.hidden && module.partners.kept.throttled && !module.partners.kept.bodies && module.partners.kept.keys["graphql"]
    error_message = "partners come by our host, with keys, throttled, and what they say is not logged"
  }

  # ------------------------------------------------------------------ least privilege

  assert {
    condition = alltrue([for statement in concat(module.server.kept.statements, flatten([for job in module.job : job.statements]), module.pipeline.kept.statements, module.access.kept.execution) :
      alltrue([for action in flatten([statement.Action]) : !strcontains(action, "*")])
    ])
    error_message = "no role has an action with an asterisk"
  }
  assert {
    condition = length(setsubtract(toset([for statement in concat(module.server.kept.statements, flatten([for job in module.job : job.statements]), module.pipeline.kept.statements, module.access.kept.execution) :
      statement.Sid if contains(flatten([statement.Resource]), "*")
    ]), ["OpenMeetings", "SignIn", "SignInToTheRegistry", "LookAtTaskDefinitions", "Scanned", "Watch"])) == 0
    error_message = "only what AWS knows no resource for is for all of them"
  }
  assert {
    condition     = !anytrue([for action in module.access.kept.boundary : strcontains(action, "*") || startswith(action, "iam:Create") || startswith(action, "iam:Put")])
    error_message = "the boundary has no asterisk, and lets nobody make roles"
  }
  assert {
    condition = length(setsubtract(
      toset(flatten([for statement in concat(module.server.kept.statements, flatten([for job in module.job : job.statements]), module.pipeline.kept.statements) : statement.Action])),
      module.access.kept.boundary
    )) == 0
    error_message = "what a role may do lies within the boundary, or it could not do it"
  }
  assert {
    condition     = module.access.kept.trust.Statement[0].Condition.Bool["aws:MultiFactorAuthPresent"] == "true" && module.access.kept.restraint.Statement[0].Sid == "NothingWithoutASecondFactor"
    error_message = "administrators prove themselves by a second factor"
  }
  assert {
    condition = alltrue([for container in concat(module.server.kept.containers, flatten([for job in module.job : job.containers])) :
      container.readonlyRootFilesystem && (container.name == "collector" || try(container.user, "") == "10001:10001")
    ])
    error_message = "containers are nobody's, and write to nothing"
  }
  assert {
    condition = alltrue([for container in concat(module.server.kept.containers, flatten([for job in module.job : job.containers])) :
      length([for each in try(container.environment, []) : each.name if can(regex("PASSWORD|SECRET|TOKEN|PRIVATE|SMTP", each.name))]) == 0
    ])
    error_message = "no secret is a plain setting of a task"
  }
  assert {
    condition     = join(",", module.pipeline.kept.privileged) == "image"
    error_message = "only the build of the image has privileges"
  }

  # ------------------------------------------------------------------ it stays up

  assert {
    condition     = local.server_environment["HEALTHMED_CLAMAV"] == "tcp://scanner.${module.cluster.namespace.name}:3310"
    error_message = "servers find the scanner by its name in Cloud Map, without a mesh"
  }

  assert {
    condition     = module.server.kept.least >= 3 && module.server.kept.rollback && length(module.server.kept.alarms) == 3 && module.scanner.breaks
    error_message = "a server in each zone; what is brought goes back by itself"
  }
  assert {
    condition     = module.balancer.kept.idle > 50 && alltrue([for drain in module.balancer.kept.drain : drain >= 10]) && alltrue([for path in module.balancer.kept.probes : path == "/readyz"]) && module.balancer.kept.deletion_protection && module.balancer.kept.strict
    error_message = "sockets outlast two pings, what runs may end, and who is not ready is asked nothing"
  }
  assert {
    condition = alltrue([for seconds in module.balancer.kept.patience : seconds >= 120]) && alltrue([for container in module.server.kept.containers :
      contains(container.healthCheck.command, "/healthz") && container.healthCheck.interval * container.healthCheck.retries <= 60 if container.name == "server"
    ])
    error_message = "a failover of the database has no server replaced, a server that hangs is replaced within a minute"
  }
  assert {
    condition = alltrue([for alarm in [
      "server-errors", "server-slow", "server-few", "server-internal", "balancer-refuses", "events-late", "documents-away", "scanner-away",
      "database-cpu", "database-storage", "database-connections", "replica-late-0", "cache-cpu", "copy-late", "job-not-started", "task-failed",
      "persons-in-log", "mail-bounces", "partners-errors", "flood", "edge-errors", "unreachable", "server-sheds",
      "burn-availability-fast", "burn-availability-slow", "burn-request-fast", "burn-answer-steady", "burn-delivery-fast", "burn-delivery-slow",
    ] : contains(module.observability.alarms, alarm)])
    error_message = "an alarm is missing"
  }
  assert {
    condition     = length(module.audit.kept.alarms) == 6 && module.audit.kept.everywhere && module.audit.kept.validated && module.audit.kept.guard
    error_message = "it is told who did what in the account"
  }
  assert {
    condition     = contains(module.schedule.names, "verify-log") && contains(module.schedule.names, "rotate-secret") && contains(module.schedule.names, "reseal")
    error_message = "what is done at a time"
  }
  assert {
    condition     = join(",", module.pipeline.kept.stages) == "Source,Check,Image,Approve,Deploy"
    error_message = "nothing is brought unchecked"
  }
  assert {
    condition     = module.identity.kept.mfa == "OPTIONAL" && module.identity.kept.totp && module.identity.kept.closed && module.identity.kept.protected == "ACTIVE" && join(",", module.identity.kept.flows) == "ALLOW_ADMIN_USER_PASSWORD_AUTH,ALLOW_REFRESH_TOKEN_AUTH"
    error_message = "the pool is as docs/decisions/0030 needs it"
  }
  assert {
    condition     = module.mail.kept.tls == "REQUIRE" && module.mail.kept.dkim == 3 && strcontains(one(module.mail.kept.dmarc), "p=reject")
    error_message = "mail is encrypted and signed, and who forges it is refused"
  }
  assert {
    condition     = module.registry.immutable && module.server.kept.protects
    error_message = "a tag of an image is given once; persons' data are hidden in logs"
  }
}

# São Paulo is gone: the whole once more, from what was copied.
run "elsewhere" {
  command   = plan
  state_key = "elsewhere"

  variables {
    name        = "healthmed-elsewhere"
    region      = "us-east-1"
    zones       = ["us-east-1a", "us-east-1b", "us-east-1c"]
    copy_region = "us-west-2"
    restored = {
      snapshot         = "arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:copyjob-1"
      database_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mrk-backups"
      seal_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/mrk-seal"
    }
  }

  assert {
    condition     = module.database.kept.snapshot == var.restored.snapshot && module.database.kept.key == var.restored.database_key_arn
    error_message = "the database begins with the snapshot, and keeps its key"
  }
  assert {
    condition     = local.seal.Resource == [var.restored.seal_key_arn] && local.common.HEALTHMED_KMS_KEY_ID == var.restored.seal_key_arn
    error_message = "what is sealed opens by the copy of the key that sealed it"
  }
  assert {
    condition     = module.database.id == "healthmed-elsewhere"
    error_message = "nothing is called as what was there before"
  }
}
