# Environment variables of the functions: docs/configuration-aws.md. Variables with the value null are omitted.

locals {
  environment = {
    for name, value in merge(
      local.environment_of_app,
      local.environment_of_tasks,
      local.environment_of_limits,
      local.environment_of_batch,
      local.environment_of_event_driven_runs,
    ) : name => value if value != null
  }

  environment_of_app = {
    BERTH_ARTIFACTS_URL         = var.api.artifacts_domain == null ? null : "https://${var.api.artifacts_domain.name}"
    BERTH_PUBLIC_URL            = local.public_url
    BERTH_TASK_URL              = local.task_url
    BERTH_TABLE                 = module.storage.table_name
    BERTH_RUN_RETENTION_DAYS    = var.storage.retention_days.history == 0 ? null : tostring(var.storage.retention_days.history)
    BERTH_RETENTION_RUNS        = var.storage.retention_runs == null ? null : tostring(var.storage.retention_runs)
    BERTH_BUCKET                = module.storage.bucket_name
    BERTH_KMS_KEY_ID            = local.kms_key_arn
    BERTH_QUEUE_URL             = aws_sqs_queue.this.url
    BERTH_EVENT_BUS             = var.events.bus_name
    BERTH_WEBHOOK_URL           = try(var.events.webhook.url, null)
    BERTH_WEBHOOK_SECRET        = try(var.events.webhook.secret, null)
    BERTH_SLACK_WEBHOOK_URL     = var.events.notifications.slack_webhook
    BERTH_NOTIFY_BRANCHES       = var.events.notifications.branches == null ? null : join(",", var.events.notifications.branches)
    BERTH_SECRETS_PREFIX        = var.secrets.prefix
    BERTH_SECRETS_BY_NAME       = tostring(var.secrets.by_name)
    BERTH_GITHUB_SECRET         = var.github.app_secret
    BERTH_SOURCES               = var.github.sources
    BERTH_SESSION_SECRET        = var.secrets.session_secret
    GHE_HOST                    = var.github.host
    GHE_PROTOCOL                = var.github.host == null ? null : var.github.protocol
    BERTH_PULL_REQUEST_COMMENTS = tostring(var.github.pull_request_comments)
    BERTH_OIDC_ISSUER           = var.github.oidc_issuer
    BERTH_OIDC_AUDIENCE         = var.github.oidc_audience
    BERTH_LOG_LEVEL             = var.functions.log_level
    BERTH_PROJECT               = var.first_project
  }

  environment_of_tasks = {
    ECS_CLUSTER_NAME = var.runner.cluster_arn
    # The family, not a revision: during an update, a function that still has the old environment finds the new revision.
    ECS_TASK_DEFINITION_ARN       = var.runner.task_definition_family
    BERTH_TASK_DEFINITIONS        = length(var.tasks.definition_families) == 0 ? null : join(",", var.tasks.definition_families)
    CONTAINER_NAME                = var.runner.container_name
    BERTH_LOG_GROUP               = var.runner.log_group_name
    BERTH_LOG_STREAM_PREFIX       = var.runner.log_stream_prefix
    BERTH_MAX_TASKS               = var.tasks.max_tasks == null ? "0" : tostring(var.tasks.max_tasks)
    BERTH_MAX_VCPUS               = var.tasks.max_vcpus == null ? null : tostring(var.tasks.max_vcpus)
    BERTH_SPOT                    = tostring(var.tasks.spot)
    SUBNET_ID                     = var.network.discover ? null : join(",", var.network.subnet_ids)
    SECURITY_GROUP_ID             = var.network.discover ? null : var.network.security_group_id
    BERTH_SUBNET_TAG              = var.network.discover ? local.network_tag : null
    BERTH_SECURITY_GROUP_TAG      = var.network.discover ? local.network_tag : null
    BERTH_PUBLIC_IP               = var.network.discover ? "auto" : var.network.assign_public_ip ? "always" : "never"
    BERTH_PROJECT_TASK_ROLES      = length(var.tasks.project_role_arns) == 0 ? null : join(",", [for id, arn in var.tasks.project_role_arns : "${id}=${arn}"])
    BERTH_DEPLOY_ROLES            = length(var.tasks.deploy_role_arns) == 0 ? null : join(",", var.tasks.deploy_role_arns)
    BERTH_UNTRUSTED_TASK_ROLE_ARN = var.runner.untrusted_task_role_arn
  }
  network_tag = "${var.network.tag_key}=${var.network.tag_value}"

  environment_of_limits = {
    BERTH_MAX_PROJECT_TASKS  = var.limits.project_tasks == null ? null : tostring(var.limits.project_tasks)
    BERTH_MAX_PROJECT_VCPUS  = var.limits.project_vcpus == null ? null : tostring(var.limits.project_vcpus)
    BERTH_MAX_RUN_SECONDS    = var.limits.run_seconds == null ? null : tostring(var.limits.run_seconds)
    BERTH_MAX_LOG_MIB        = var.limits.log_mib == null ? null : tostring(var.limits.log_mib)
    BERTH_MAX_ARTIFACTS_MIB  = var.limits.artifacts_mib == null ? null : tostring(var.limits.artifacts_mib)
    BERTH_MAX_CACHE_MIB      = var.limits.cache_mib == null ? null : tostring(var.limits.cache_mib)
    BERTH_CACHE_DAYS         = tostring(var.storage.retention_days.caches)
    BERTH_MONTHLY_BUDGET_USD = var.limits.monthly_budget_usd == null ? null : tostring(var.limits.monthly_budget_usd)
    BERTH_BUDGET_ACTION      = var.limits.budget_action
  }

  environment_of_batch = var.enable_batch ? {
    BERTH_BATCH_JOB_QUEUE                = var.batch.job_queue_arn
    BERTH_BATCH_JOB_DEFINITION           = var.batch.job_definition_name
    BERTH_BATCH_UNTRUSTED_JOB_DEFINITION = var.batch.untrusted_job_definition_name
    BERTH_BATCH_PROJECT_JOB_DEFINITIONS  = length(var.batch.project_job_definition_names) == 0 ? null : join(",", [for id, name in var.batch.project_job_definition_names : "${id}=${name}"])
    BERTH_BATCH_LOG_GROUP                = var.batch.log_group_name
    BERTH_BATCH_SPOT                     = tostring(var.batch.spot)
  } : {}

  environment_of_event_driven_runs = var.events.driven_run == null ? {} : {
    BERTH_EVENT_PROJECT         = var.events.driven_run.project
    BERTH_EVENT_REPO_URL        = var.events.driven_run.repo_url
    BERTH_EVENT_BRANCH          = var.events.driven_run.branch
    BERTH_EVENT_COMMAND         = var.events.driven_run.command
    BERTH_EVENT_VCPU            = tostring(var.events.driven_run.vcpu)
    BERTH_EVENT_MEMORY          = tostring(var.events.driven_run.memory)
    BERTH_EVENT_TIMEOUT_SECONDS = tostring(var.events.driven_run.timeout_seconds)
  }
}
