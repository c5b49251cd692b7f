# What runs: servers, the scanner, and jobs.

module "cluster" {
  source = "./modules/cluster"

  name        = local.name
  vpc_id      = module.network.vpc_id
  log_key_arn = local.log_key
}

module "server" {
  source = "./modules/service"

  name               = local.name
  region             = var.region
  image              = local.image
  collector_image    = "${module.registry.urls["collector"]}:${var.collector_tag}"
  architecture       = var.architecture
  cpu                = var.servers.cpu
  memory             = var.servers.memory
  least              = var.servers.least
  most               = var.servers.most
  sockets_per_task   = var.servers.sockets
  environment        = local.server_environment
  secrets            = local.server_secrets
  statements         = local.server_statements
  rollback_alarms    = module.observability.rollback_alarms
  cluster_name       = module.cluster.name
  cluster_arn        = module.cluster.arn
  subnet_ids         = module.network.private_subnet_ids
  security_group_id  = module.security_groups.ids["server"]
  target_groups      = module.balancer.target_groups
  balancer_suffix    = module.balancer.arn_suffix
  listener_arn       = module.balancer.listener_arn
  test_listener_arn  = module.balancer.test_listener_arn
  execution_role_arn = module.access.execution_role_arn
  boundary_arn       = module.access.boundary_arn
  log_key_arn        = local.log_key
}

module "scanner" {
  source = "./modules/scanner"

  name               = local.name
  region             = var.region
  image              = "${module.registry.urls["clamav"]}:${var.clamav_tag}"
  architecture       = var.architecture
  namespace          = module.cluster.namespace
  cluster_arn        = module.cluster.arn
  subnet_ids         = module.network.private_subnet_ids
  security_group_id  = module.security_groups.ids["scanner"]
  execution_role_arn = module.access.execution_role_arn
  boundary_arn       = module.access.boundary_arn
  log_key_arn        = local.log_key
}

module "job" {
  source   = "./modules/job"
  for_each = local.jobs

  name               = local.name
  act                = each.key
  command            = each.value.command
  image              = local.image
  region             = var.region
  architecture       = var.architecture
  cpu                = each.value.cpu
  memory             = each.value.memory
  environment        = each.value.environment
  secrets            = each.value.secrets
  statements         = each.value.statements
  execution_role_arn = module.access.execution_role_arn
  boundary_arn       = module.access.boundary_arn
  log_key_arn        = local.log_key
}

module "schedule" {
  source = "./modules/schedule"

  name = local.name
  jobs = { for name, job in local.jobs : name => {
    description         = job.description
    when                = job.when
    task_definition_arn = module.job[name].task_definition_arn
    role_arn            = module.job[name].role_arn
  } if job.when != null }
  pipeline           = { name = module.pipeline.name, arn = module.pipeline.arn, when = "cron(0 4 1 1,4,7,10 ? *)" }
  cluster_arn        = module.cluster.arn
  subnet_ids         = module.network.private_subnet_ids
  security_group_id  = module.security_groups.ids["job"]
  execution_role_arn = module.access.execution_role_arn
  boundary_arn       = module.access.boundary_arn
  key_arn            = module.key["work"].arn
}

module "pipeline" {
  source = "./modules/pipeline"

  name                  = local.name
  bucket_name           = local.bucket_name
  region                = var.region
  source_repository     = var.source_repository
  branch                = var.branch
  approval              = var.approval
  repository            = { url = module.registry.urls["server"], arn = module.registry.arns["server"] }
  cluster               = { name = module.cluster.name, arn = module.cluster.arn }
  server_family         = module.server.family
  server_role_arn       = module.server.role_arn
  migrate               = { family = module.job["migrate"].family, role_arn = module.job["migrate"].role_arn }
  codedeploy            = module.server.codedeploy
  subnet_ids            = module.network.private_subnet_ids
  job_security_group_id = module.security_groups.ids["job"]
  execution_role_arn    = module.access.execution_role_arn
  boundary_arn          = module.access.boundary_arn
  key_arn               = module.key["work"].arn
  log_key_arn           = local.log_key
  topic_arn             = module.observability.topic_arn
}
