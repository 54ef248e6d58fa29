# Berth on AWS: the network of the tasks, their cluster, the functions, and AWS Batch for event-driven runs.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  name           = var.name_prefix == null ? var.project : var.name_prefix
  region         = data.aws_region.current.id
  account        = data.aws_caller_identity.current.account_id
  partition      = data.aws_partition.current.partition
  tags           = merge(var.tags, { "berth:installation" = local.name })
  bucket_name    = var.bucket_name == null ? "${local.name}-${local.account}-${local.region}" : var.bucket_name
  secrets_prefix = var.secrets_prefix == null ? "/${local.name}/secrets/" : var.secrets_prefix

  common = {
    tags                      = local.tags
    role_path                 = var.role_path
    role_permissions_boundary = var.role_permissions_boundary
    logging_retention_in_days = var.logging_retention_in_days
  }
  common_with_key = merge(local.common, { kms_key_arn = module.app.kms_key_arn })

  zip = var.lambda_zip == null ? "${path.module}/../dist/lambda.zip" : var.lambda_zip
  function = {
    package             = merge(var.lambda_s3, { path = var.lambda_s3 == null ? local.zip : null })
    runtime             = var.lambda_runtime
    architecture        = var.lambda_architecture
    tracing_mode        = var.tracing_config.mode
    encrypt_environment = var.encrypt_environment
  }

  domains = [for each in [var.domain, var.artifacts_domain] : each if each != null]

  # With the default log group of Batch, the first job creates it: other jobs of the account may use it too.
  job_log_group = {
    name               = var.names.job_log_group == null ? module.runner.log_group_name : var.names.job_log_group
    is_created_by_jobs = var.names.job_log_group != null
  }
}

# An installation belongs to one region: the region of the provider.
resource "terraform_data" "region" {
  input = local.region

  lifecycle {
    precondition {
      condition     = var.region == null || var.region == local.region
      error_message = "The region is ${coalesce(var.region, "not set")}, but the region of the provider is ${local.region}. Set the same region in the provider."
    }

    precondition {
      condition     = alltrue([for each in local.domains : split(":", each.certificate_arn)[3] == local.region])
      error_message = "The certificates of domain and artifacts_domain must be in ${local.region}, the region of the installation. Request them there in ACM."
    }
  }
}

check "event_driven_run" {
  assert {
    condition     = !var.enable_batch || var.event_driven_run != null
    error_message = "Berth refuses event-driven runs, because nothing says what they test. Set event_driven_run, or set enable_batch to false."
  }
}

module "ecs_role" {
  source = "./modules/service-linked-role"

  name    = local.name
  service = "ecs"
  create  = var.create_service_linked_roles
  tags    = local.tags
}

module "batch_role" {
  source = "./modules/service-linked-role"
  count  = var.enable_batch ? 1 : 0

  name    = local.name
  service = "batch"
  create  = var.create_service_linked_roles
  tags    = local.tags
}

module "network" {
  source = "./modules/network"

  name                    = local.name
  common                  = local.common_with_key
  create_vpc              = var.create_vpc
  egress                  = var.egress
  vpc_cidr                = var.vpc_cidr
  availability_zones      = var.availability_zones
  zone_count              = var.zone_count
  single_nat_gateway      = var.single_nat_gateway
  interface_endpoints     = var.interface_endpoints
  s3_endpoint_bucket_arns = concat(["arn:${local.partition}:s3:::${local.bucket_name}"], var.source_bucket_arns)
  functions_in_vpc        = var.functions_in_vpc
  functions_assume_roles  = length(var.deploy_role_arns) > 0
  vpc_id                  = var.vpc_id
  vpc_tags                = var.vpc_tags
  subnet_tags             = var.subnet_tags
  assign_public_ip        = var.assign_public_ip
  network_tag             = var.network_tag
  egress_ports            = var.egress_ports
  flow_logs               = var.flow_logs
}

module "runner" {
  source = "./modules/runner"

  name                      = local.name
  names                     = var.names
  common                    = local.common_with_key
  image                     = var.runner_image
  image_tag                 = var.image_tag
  cpu                       = var.task_cpu
  memory                    = var.task_memory
  ephemeral_storage_gib     = var.task_ephemeral_storage_gib
  architecture              = var.architecture
  capacity_provider_weights = var.capacity_provider_weights
  container_insights        = var.container_insights
  keep_images               = var.keep_images
  force_delete              = !var.deletion_protection
  task_role_policies        = var.task_role_policies
  project_roles             = var.project_roles
  suite_repository_arns     = var.suite_repository_arns
  registry_secrets          = { prefix = local.secrets_prefix, kms_key_arns = var.secrets_kms_key_arns }
  log_group_arns            = var.names.job_log_group == null ? [] : ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${var.names.job_log_group}"]

  # Without the role, ECS cannot attach network interfaces to tasks.
  depends_on = [module.ecs_role]
}

module "batch" {
  source = "./modules/batch"
  count  = var.enable_batch ? 1 : 0

  name                   = local.name
  names                  = var.names
  common                 = local.common_with_key
  service_role_arn       = module.batch_role[0].arn
  image                  = module.runner.image
  job_definition_vcpu    = var.job_definition_vcpu
  job_definition_memory  = var.job_definition_memory
  job_definition_timeout = var.job_definition_timeout
  max_vcpus              = var.batch_max_vcpus
  spot                   = var.batch_spot
  architecture           = var.architecture
  subnet_ids             = module.network.subnet_ids
  security_group_ids     = [module.network.security_group_id]
  assign_public_ip       = module.network.assign_public_ip
  execution_role_arn     = module.runner.execution_role_arn
  task_role_arn          = module.runner.task_role_arn
  project_role_arns      = module.runner.project_role_arns
  log_group              = local.job_log_group
  bucket_name            = module.app.bucket_name
  queue_arn              = module.app.queue_arn
  dead_letter_queue_arn  = module.app.dead_letter_queue_arn
  event_bus              = module.app.event_bus
  command                = try(var.event_driven_run.command, null)
  function               = local.function
}

module "app" {
  source = "./modules/app"

  name           = local.name
  common         = local.common
  first_project  = var.first_project
  runner         = module.runner
  enable_batch   = var.enable_batch
  create_kms_key = var.create_kms_key
  kms_key_arn    = var.kms_key_arn

  functions = merge(local.function, {
    memory_size               = var.lambda_memory_size
    http_reserved_concurrency = var.http_reserved_concurrency
    queue_concurrency         = var.queue_concurrency
    log_level                 = var.log_level
    vpc = !var.functions_in_vpc ? null : {
      subnet_ids         = module.network.subnet_ids
      security_group_ids = [module.network.functions_security_group_id]
    }
  })

  network = {
    subnet_ids        = module.network.subnet_ids
    security_group_id = module.network.security_group_id
    assign_public_ip  = module.network.assign_public_ip
    tag_key           = var.network_tag.key
    tag_value         = var.network_tag.value
    discover          = var.discover_network
    has_private_api   = module.network.has_private_api
    api_endpoint_id   = module.network.api_endpoint_id
  }

  tasks = {
    spot                = var.capacity_provider_weights.fargate_spot > 0
    max_tasks           = var.max_tasks
    max_vcpus           = var.max_vcpus
    definition_families = var.task_definition_families
    pass_role_arns      = var.task_pass_role_arns
    project_role_arns   = module.runner.project_role_arns
    deploy_role_arns    = var.deploy_role_arns
  }

  limits = var.limits

  batch = !var.enable_batch ? null : {
    job_queue_arn                 = module.batch[0].job_queue_arn
    job_definition_name           = module.batch[0].job_definition_name
    untrusted_job_definition_name = module.batch[0].untrusted_job_definition_name
    project_job_definition_names  = module.batch[0].project_job_definition_names
    log_group_name                = local.job_log_group.name
    spot                          = var.batch_spot
  }

  events = {
    bus_name      = var.event_bus_name
    webhook       = var.outgoing_webhook
    notifications = var.notifications
    driven_run = var.event_driven_run == null ? null : {
      project         = var.event_driven_run.project
      repo_url        = var.event_driven_run.repo_url
      branch          = var.event_driven_run.branch
      command         = var.event_driven_run.command
      vcpu            = var.job_definition_vcpu
      memory          = var.job_definition_memory
      timeout_seconds = var.job_definition_timeout
    }
  }

  github = {
    app_secret            = var.github_app_secret
    host                  = var.ghe_host
    protocol              = var.ghe_protocol
    oidc_issuer           = var.oidc.issuer
    oidc_audience         = var.oidc.audience
    sources               = var.sources
    pull_request_comments = var.pull_request_comments
  }

  secrets = {
    prefix         = local.secrets_prefix
    by_name        = var.secrets_by_name
    kms_key_arns   = var.secrets_kms_key_arns
    session_secret = var.session_secret
  }

  api = {
    domain           = var.domain
    artifacts_domain = var.artifacts_domain
    throttling       = var.throttling
    access_logs      = var.access_logs
  }

  storage = {
    bucket_name         = local.bucket_name
    retention_days      = var.retention_days
    retention_runs      = var.retention_runs
    deletion_protection = var.deletion_protection
  }

  monitoring = {
    alarms           = var.alarms
    alarm_actions    = var.alarm_actions
    create_dashboard = var.create_dashboard
    budget           = var.budget
  }
}

module "github_oidc" {
  source = "./modules/github-oidc"
  count  = var.github_oidc == null ? 0 : 1

  name                      = "${local.name}-github-actions"
  subjects                  = var.github_oidc.subjects
  create_provider           = var.github_oidc.create_provider
  host                      = var.github_oidc.host
  repository_arns           = [module.runner.repository_arn]
  function_arns             = module.batch[*].invoke_function_arn
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = local.tags
}
