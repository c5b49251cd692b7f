# What runs in a task: the server, and beside it the collector of its numbers and spans.

locals {
  server = {
    name                   = "server"
    image                  = var.image
    essential              = true
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true }
    portMappings           = [{ containerPort = 8000, protocol = "tcp" }]
    environment            = [for name, value in var.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    # A drain, uvicorn's own wait and the end of the lifespan: docs/decisions/0020.
    stopTimeout = 30
    # Whether it lives, not whether it is ready: ECS replaces whoever says no, and in a failover of the
    # database nobody is ready (docs/decisions/0053).
    healthCheck = {
      command     = ["CMD", "python", "-m", "embedded.ready", "--path", "/healthz"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.server.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "server"
        # A log that cannot be delivered must not hold up answers.
        mode            = "non-blocking"
        max-buffer-size = "25m"
      }
    }
  }

  # Not essential: without numbers a server goes on.
  collector = {
    name                   = "collector"
    image                  = var.collector_image
    essential              = false
    readonlyRootFilesystem = true
    command                = ["--config=env:AOT_CONFIG_CONTENT"]
    environment            = [{ name = "AOT_CONFIG_CONTENT", value = yamlencode(local.collecting) }]
    cpu                    = 64
    memory                 = 128
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.collector.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "collector"
      }
    }
  }

  collecting = {
    receivers = {
      prometheus = { config = { scrape_configs = [{
        job_name        = var.name
        scrape_interval = "15s"
        static_configs  = [{ targets = ["127.0.0.1:${var.metrics_port}"] }]
      }] } }
      otlp = { protocols = { http = { endpoint = "127.0.0.1:4318" } } }
    }
    processors = { batch = {} }
    exporters = {
      awsxray = { region = var.region }
      awsemf = {
        region         = var.region
        namespace      = local.namespace
        log_group_name = aws_cloudwatch_log_group.metrics.name
        # What alarms and scaling look at; the rest stays in the log, to be asked of by hand.
        dimension_rollup_option = "NoDimensionRollup"
        metric_declarations = [
          { dimensions = [["of"]], metric_name_selectors = ["^healthmed_(present|draining|objects_reachable|database_connections)$"] },
          { dimensions = [["outcome"]], metric_name_selectors = ["^healthmed_operations_total$"] },
          { dimensions = [["code"]], metric_name_selectors = ["^healthmed_errors_total$"] },
          { dimensions = [["of", "kept"]], metric_name_selectors = ["^healthmed_promises_total$"] },
          { dimensions = [["type"]], metric_name_selectors = ["^healthmed_operation_seconds$"] },
          { dimensions = [[]], metric_name_selectors = ["^healthmed_(event_lag_seconds|shed_total|wait_seconds)$"] },
        ]
      }
    }
    service = { pipelines = {
      metrics = { receivers = ["prometheus"], processors = ["batch"], exporters = ["awsemf"] }
      traces  = { receivers = ["otlp"], processors = ["batch"], exporters = ["awsxray"] }
    } }
  }

  namespace = "HealthMed/${var.name}"
}
