# What is looked at: where it lies, of what, how much, and for how long. `missing`: what no number means.

locals {
  balancer = { LoadBalancer = var.balancer_suffix }
  server   = { ClusterName = var.cluster_name, ServiceName = var.server_service }
  scanner  = { ClusterName = var.cluster_name, ServiceName = var.scanner_service }
  database = { DBInstanceIdentifier = var.database.id }

  # These have a deployment go back, too.
  rollback = ["server-errors", "server-slow", "server-internal"]

  alarms = merge({
    server-errors = {
      text      = "More than fifty requests a minute fail at servers, five minutes long."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", of = local.balancer
      statistic = "Sum", period = 60, times = 5, threshold = 50, above = true, missing = "notBreaching"
    }
    server-slow = {
      text      = "One answer in a hundred takes more than a second."
      namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", of = local.balancer
      statistic = "p99", period = 60, times = 5, threshold = 1, above = true, missing = "notBreaching"
    }
    server-internal = {
      text      = "Errors of ours, which clients are told as INTERNAL."
      namespace = var.namespace, metric = "healthmed_errors_total", of = { code = "INTERNAL" }
      statistic = "Sum", period = 60, times = 3, threshold = 5, above = true, missing = "notBreaching"
    }
    server-sheds = {
      text      = "Servers turn requests away: there is more to do than they can."
      namespace = var.namespace, metric = "healthmed_shed_total", of = {}
      statistic = "Sum", period = 60, times = 3, threshold = 50, above = true, missing = "notBreaching"
    }
    server-few = {
      text      = "Fewer than two servers run."
      namespace = "ECS/ContainerInsights", metric = "RunningTaskCount", of = local.server
      statistic = "Minimum", period = 60, times = 3, threshold = 2, above = false, missing = "breaching"
    }
    server-cpu = {
      text      = "Servers are busy in spite of scaling: is the most reached?"
      namespace = "AWS/ECS", metric = "CPUUtilization", of = local.server
      statistic = "Average", period = 60, times = 10, threshold = 80, above = true, missing = "notBreaching"
    }
    server-memory = {
      text      = "Servers are short of memory."
      namespace = "AWS/ECS", metric = "MemoryUtilization", of = local.server
      statistic = "Maximum", period = 60, times = 10, threshold = 85, above = true, missing = "notBreaching"
    }
    balancer-refuses = {
      text      = "The balancer finds nobody to answer."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_503_Count", of = local.balancer
      statistic = "Sum", period = 60, times = 2, threshold = 5, above = true, missing = "notBreaching"
    }
    events-late = {
      text      = "Who listens hears of an event more than two seconds late."
      namespace = var.namespace, metric = "healthmed_event_lag_seconds", of = {}
      statistic = "Maximum", period = 60, times = 5, threshold = 2, above = true, missing = "notBreaching"
    }
    documents-away = {
      text      = "Servers do not reach the bucket of documents."
      namespace = var.namespace, metric = "healthmed_objects_reachable", of = { of = "store" }
      statistic = "Minimum", period = 60, times = 3, threshold = 1, above = false, missing = "notBreaching"
    }
    numbers-missing = {
      text      = "Servers tell no numbers: scaling by sockets is blind."
      namespace = var.namespace, metric = "healthmed_present", of = { of = "websocket" }
      statistic = "SampleCount", period = 300, times = 2, threshold = 1, above = false, missing = "breaching"
    }
    scanner-away = {
      text      = "No scanner runs: uploads wait."
      namespace = "ECS/ContainerInsights", metric = "RunningTaskCount", of = local.scanner
      statistic = "Minimum", period = 60, times = 5, threshold = 1, above = false, missing = "breaching"
    }
    database-cpu = {
      text      = "The database is busy."
      namespace = "AWS/RDS", metric = "CPUUtilization", of = local.database
      statistic = "Average", period = 60, times = 10, threshold = 80, above = true, missing = "breaching"
    }
    database-memory = {
      text      = "The database has less than 1 GiB of memory left."
      namespace = "AWS/RDS", metric = "FreeableMemory", of = local.database
      statistic = "Minimum", period = 60, times = 10, threshold = 1073741824, above = false, missing = "notBreaching"
    }
    database-storage = {
      text      = "The database has less than 20 GiB of disk left: it has not grown as it should."
      namespace = "AWS/RDS", metric = "FreeStorageSpace", of = local.database
      statistic = "Minimum", period = 300, times = 2, threshold = 21474836480, above = false, missing = "notBreaching"
    }
    database-connections = {
      text      = "More than four fifths of what the database allows is connected."
      namespace = "AWS/RDS", metric = "DatabaseConnections", of = local.database
      statistic = "Maximum", period = 60, times = 5, threshold = 0.8 * var.database.connections, above = true, missing = "notBreaching"
    }
    database-transactions = {
      text      = "Transaction ids run short: an autovacuum does not come through."
      namespace = "AWS/RDS", metric = "MaximumUsedTransactionIDs", of = local.database
      statistic = "Maximum", period = 3600, times = 1, threshold = 1000000000, above = true, missing = "notBreaching"
    }
    cache-cpu = {
      text      = "Valkey is busy."
      namespace = "AWS/ElastiCache", metric = "EngineCPUUtilization", of = { CacheClusterId = "${var.cache_id}-001" }
      statistic = "Average", period = 60, times = 10, threshold = 80, above = true, missing = "notBreaching"
    }
    cache-refuses = {
      text      = "Somebody signs in to Valkey, and may not."
      namespace = "AWS/ElastiCache", metric = "AuthenticationFailures", of = { CacheClusterId = "${var.cache_id}-001" }
      statistic = "Sum", period = 60, times = 3, threshold = 5, above = true, missing = "notBreaching"
    }
    copy-late = {
      text      = "The copy of the documents is more than an hour behind."
      namespace = "AWS/S3", metric = "ReplicationLatency", of = { SourceBucket = var.documents_bucket, DestinationBucket = var.replica_bucket, RuleId = "all" }
      statistic = "Maximum", period = 300, times = 3, threshold = 3600, above = true, missing = "notBreaching"
    }
    job-not-started = {
      text      = "What was to be done at its time could not be started."
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", of = { QueueName = var.failed_queue }
      statistic = "Maximum", period = 300, times = 1, threshold = 0, above = true, missing = "notBreaching"
    }
    task-failed = {
      text      = "A task did not start (TaskFailedToStart), or a job ended with an error: a broken access log, say."
      namespace = "AWS/Events", metric = "MatchedEvents", of = { RuleName = aws_cloudwatch_event_rule.task.name }
      statistic = "Sum", period = 300, times = 1, threshold = 0, above = true, missing = "notBreaching"
    }
    persons-in-log = {
      text      = "A log line had a CPF or an e-mail in it. It is hidden; find out who wrote it."
      namespace = "AWS/Logs", metric = "LogEventsWithFindings", of = { LogGroupName = var.log_group }
      statistic = "Sum", period = 300, times = 1, threshold = 0, above = true, missing = "notBreaching"
    }
    mail-bounces = {
      text      = "Five in a hundred pieces of mail bounce: SES will stop us at ten."
      namespace = "AWS/SES", metric = "Reputation.BounceRate", of = {}
      statistic = "Average", period = 3600, times = 1, threshold = 0.05, above = true, missing = "notBreaching"
    }
    mail-complaints = {
      text      = "One in a thousand readers complains of our mail: SES will stop us at five."
      namespace = "AWS/SES", metric = "Reputation.ComplaintRate", of = {}
      statistic = "Average", period = 3600, times = 1, threshold = 0.001, above = true, missing = "notBreaching"
    }
    partners-errors = {
      text      = "Partners get errors of ours."
      namespace = "AWS/ApiGateway", metric = "5XXError", of = { ApiName = var.partners_api }
      statistic = "Sum", period = 60, times = 5, threshold = 10, above = true, missing = "notBreaching"
    }
    flood = {
      text      = "The WAF holds many requests of single addresses back."
      namespace = "AWS/WAFV2", metric = "BlockedRequests", of = { WebACL = var.regional_acl, Region = var.region, Rule = "flood" }
      statistic = "Sum", period = 300, times = 2, threshold = 10000, above = true, missing = "notBreaching"
    }
    }, {
    for number, id in var.database.replica_ids : "replica-late-${number}" => {
      text      = "A read replica is more than ten seconds behind: searches are asked of the primary."
      namespace = "AWS/RDS", metric = "ReplicaLag", of = { DBInstanceIdentifier = id }
      statistic = "Maximum", period = 60, times = 5, threshold = 10, above = true, missing = "breaching"
    }
  })

  edge_alarms = {
    edge-errors = {
      text      = "More than two requests in a hundred fail before they reach us."
      namespace = "AWS/CloudFront", metric = "5xxErrorRate", of = { DistributionId = var.distribution_id, Region = "Global" }
      statistic = "Average", times = 5, threshold = 2, above = true, missing = "notBreaching"
    }
    unreachable = {
      text      = "Nobody reaches us, or we are not ready."
      namespace = "AWS/Route53", metric = "HealthCheckStatus", of = { HealthCheckId = aws_route53_health_check.this.id }
      statistic = "Minimum", times = 2, threshold = 1, above = false, missing = "breaching"
    }
  }
}
