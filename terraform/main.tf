# Berth on AWS: the network of the tasks, where they run, the functions, and AWS Batch for event-driven runs.

data "aws_region" "current" {}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  name        = var.name_prefix == null ? var.project : var.name_prefix
  region      = data.aws_region.current.id
  tags        = merge(var.tags, { "berth:installation" = local.name })
  bucket_name = var.bucket_name == null ? "${local.name}-${data.aws_caller_identity.current.account_id}-${local.region}" : var.bucket_name

  zip = var.lambda_zip == null ? "${path.module}/../dist/lambda.zip" : var.lambda_zip
  package = {
    path              = var.lambda_s3 == null ? local.zip : null
    s3_bucket         = try(var.lambda_s3.s3_bucket, null)
    s3_key            = try(var.lambda_s3.s3_key, null)
    s3_object_version = try(var.lambda_s3.s3_object_version, null)
  }
}

# An installation is of one region: the provider's. Who says another has made a mistake.
resource "terraform_data" "region" {
  input = local.region

  lifecycle {
    precondition {
      condition     = var.region == null || var.region == local.region
      error_message = "The region is ${coalesce(var.region, "not given")}, but the provider's is ${local.region}: configure the provider with it."
    }
  }
}

module "network" {
  source = "./modules/network"

  name                      = local.name
  create_vpc                = var.create_vpc
  egress                    = var.egress
  vpc_cidr                  = var.vpc_cidr
  availability_zones        = var.availability_zones
  zone_count                = var.zone_count
  single_nat_gateway        = var.single_nat_gateway
  interface_endpoints       = var.interface_endpoints
  s3_endpoint_bucket_arns   = concat(["arn:${data.aws_partition.current.partition}:s3:::${local.bucket_name}"], var.source_bucket_arns)
  functions_in_vpc          = var.functions_in_vpc
  vpc_id                    = var.vpc_id
  vpc_tags                  = var.vpc_tags
  subnet_tags               = var.subnet_tags
  assign_public_ip          = var.assign_public_ip
  network_tag               = var.network_tag
  egress_ports              = var.egress_ports
  flow_logs                 = var.flow_logs
  kms_key_arn               = module.app.kms_key_arn
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = local.tags
}

module "runner" {
  source = "./modules/runner"

  name                      = local.name
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
  suite_repository_arns     = var.suite_repository_arns
  log_group_arns            = []
  kms_key_arn               = module.app.kms_key_arn
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = local.tags
}

module "batch" {
  source = "./modules/batch"
  count  = var.enable_batch ? 1 : 0

  name                   = local.name
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
  log_group_name         = module.runner.log_group_name
  bucket_name            = module.app.bucket_name
  queue_arn              = module.app.queue_arn
  dead_letter_queue_arn  = module.app.dead_letter_queue_arn
  event_bus              = module.app.event_bus

  function = {
    package      = local.package
    runtime      = var.lambda_runtime
    architecture = var.lambda_architecture
    tracing_mode = var.tracing_config.mode
  }

  kms_key_arn               = module.app.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  logging_retention_in_days = var.logging_retention_in_days
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = local.tags
}

module "app" {
  source = "./modules/app"

  name                      = local.name
  first_project             = var.first_project
  package                   = local.package
  runtime                   = var.lambda_runtime
  architecture              = var.lambda_architecture
  memory_size               = var.lambda_memory_size
  http_reserved_concurrency = var.http_reserved_concurrency
  queue_concurrency         = var.queue_concurrency
  max_tasks                 = var.max_tasks
  max_vcpus                 = var.max_vcpus
  throttling                = var.throttling
  runner                    = module.runner
  task_definition_families  = var.task_definition_families
  task_pass_role_arns       = var.task_pass_role_arns
  spot                      = var.capacity_provider_weights.fargate_spot > 0
  discover_network          = var.discover_network
  enable_batch              = var.enable_batch
  event_driven_run          = var.event_driven_run
  event_bus_name            = var.event_bus_name
  outgoing_webhook          = var.outgoing_webhook
  github_app_secret         = var.github_app_secret
  sources                   = var.sources
  session_secret            = var.session_secret
  secrets_prefix            = var.secrets_prefix
  secrets_kms_key_arns      = var.secrets_kms_key_arns
  ghe_host                  = var.ghe_host
  ghe_protocol              = var.ghe_protocol
  oidc                      = var.oidc
  log_level                 = var.log_level
  domain                    = var.domain
  bucket_name               = local.bucket_name
  retention_days            = var.retention_days
  deletion_protection       = var.deletion_protection
  create_kms_key            = var.create_kms_key
  kms_key_arn               = var.kms_key_arn
  encrypt_environment       = var.encrypt_environment
  tracing_config            = var.tracing_config
  logging_retention_in_days = var.logging_retention_in_days
  access_logs               = var.access_logs
  alarms                    = var.alarms
  alarm_actions             = var.alarm_actions
  create_dashboard          = var.create_dashboard
  budget                    = var.budget
  role_path                 = var.role_path
  role_permissions_boundary = var.role_permissions_boundary
  tags                      = local.tags

  network = {
    subnet_ids        = module.network.subnet_ids
    security_group_id = module.network.security_group_id
    assign_public_ip  = module.network.assign_public_ip
    tag_key           = var.network_tag.key
    tag_value         = var.network_tag.value
  }

  functions_vpc = !var.functions_in_vpc ? null : {
    subnet_ids         = module.network.subnet_ids
    security_group_ids = [module.network.functions_security_group_id]
  }

  batch = !var.enable_batch ? null : {
    job_queue_arn                 = module.batch[0].job_queue_arn
    job_definition_name           = module.batch[0].job_definition_name
    untrusted_job_definition_name = module.batch[0].untrusted_job_definition_name
    log_group_name                = module.runner.log_group_name
    spot                          = var.batch_spot
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
