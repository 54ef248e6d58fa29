variable "name" {
  type        = string
  description = "Prefix of all names."
}

variable "first_project" {
  type        = string
  default     = "default"
  description = "Name of the project that the first setup creates."

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.first_project))
    error_message = "The name must contain only letters, digits, - and _."
  }
}

variable "common" {
  type = object({
    tags                      = optional(map(string), {})
    role_path                 = optional(string, "/")
    role_permissions_boundary = optional(string)
    logging_retention_in_days = optional(number, 30)
  })
  default     = {}
  description = "Settings that all modules share: tags, the path and permissions boundary of roles, and how long logs are kept."
}

variable "functions" {
  type = object({
    package = object({
      path              = optional(string)
      s3_bucket         = optional(string)
      s3_key            = optional(string)
      s3_object_version = optional(string)
    })
    runtime                   = optional(string, "nodejs22.x")
    architecture              = optional(string, "arm64")
    memory_size               = optional(number, 512)
    http_reserved_concurrency = optional(number, -1)
    queue_concurrency         = optional(number, 5)
    tracing_mode              = optional(string)
    encrypt_environment       = optional(bool, false)
    log_level                 = optional(string, "info")
    vpc = optional(object({
      subnet_ids         = list(string)
      security_group_ids = list(string)
    }))
  })
  description = "Package and settings of the functions. `http_reserved_concurrency`: -1 reserves none. `queue_concurrency`: instances that process the queue at the same time. `vpc`: the network of the functions, for example of a GitHub Enterprise Server; null uses Lambda's own."

  validation {
    condition     = var.functions.queue_concurrency >= 2 && var.functions.queue_concurrency <= 1000
    error_message = "queue_concurrency must be between 2 and 1000."
  }

  validation {
    condition     = var.functions.http_reserved_concurrency == -1 || var.functions.http_reserved_concurrency >= 1
    error_message = "http_reserved_concurrency must be -1, or 1 or more: with 0 the API answers nothing."
  }

  validation {
    condition     = contains(["debug", "info", "warn", "error", "silent"], var.functions.log_level)
    error_message = "The log level must be debug, info, warn, error or silent."
  }
}

variable "runner" {
  type = object({
    cluster_arn             = string
    task_definition_family  = string
    container_name          = string
    log_group_name          = string
    log_group_arn           = string
    log_stream_prefix       = string
    execution_role_arn      = string
    task_role_arn           = string
    untrusted_task_role_arn = string
  })
  description = "Cluster and task definition of the tasks: outputs of the module `runner`."
}

variable "network" {
  type = object({
    subnet_ids        = list(string)
    security_group_id = string
    assign_public_ip  = bool
    tag_key           = string
    tag_value         = string
    discover          = optional(bool, false)
    has_private_api   = optional(bool, false)
    api_endpoint_id   = optional(string)
  })
  description = "Network of the tasks. With `discover`, the functions find subnets and security groups by their tag, which costs three more calls for each new instance. With `has_private_api`, tasks renew their upload URLs through the endpoint `api_endpoint_id`."
}

variable "tasks" {
  type = object({
    spot                = optional(bool, false)
    max_tasks           = optional(number)
    max_vcpus           = optional(number)
    definition_families = optional(list(string), [])
    pass_role_arns      = optional(list(string), [])
    project_role_arns   = optional(map(string), {})
    deploy_role_arns    = optional(list(string), [])
  })
  default     = {}
  description = "Limits and choices for tasks. `spot`: try Fargate Spot first. `max_tasks`: tasks of all projects at the same time; null sets no limit. `max_vcpus`: vCPUs of all tasks; null: 400, or the Fargate quota of the account if that is smaller. `definition_families`: other task definitions that suites may name as their image. `pass_role_arns`: the roles of those task definitions. `project_role_arns`: roles of the trusted code of single projects, by the ID of the project. `deploy_role_arns`: roles that Berth may assume for suites and deployments; `*` matches any characters."

  validation {
    condition     = var.tasks.max_tasks == null || try(var.tasks.max_tasks >= 1 && floor(var.tasks.max_tasks) == var.tasks.max_tasks, false)
    error_message = "max_tasks must be a whole number, 1 or more."
  }

  validation {
    condition     = var.tasks.max_vcpus == null || try(var.tasks.max_vcpus >= 0.25, false)
    error_message = "max_vcpus must be 0.25 or more."
  }
}

variable "limits" {
  type = object({
    project_tasks      = optional(number)
    project_vcpus      = optional(number)
    run_seconds        = optional(number)
    log_mib            = optional(number)
    artifacts_mib      = optional(number)
    cache_mib          = optional(number)
    monthly_budget_usd = optional(number)
    budget_action      = optional(string)
  })
  default     = {}
  description = "Limits of what runs may use; a null keeps Berth's default. `project_tasks`, `project_vcpus`: parallel tasks of a project and their vCPUs; 0 sets no limit. `run_seconds`: longest time limit of a run. `log_mib`, `artifacts_mib`, `cache_mib`: sizes of the log and of the artifacts of a run, and of a cache. `monthly_budget_usd`: estimated cost of all runs of a month, 0 for none. `budget_action`: `warn`, or `stop` new runs, when it is used up."

  validation {
    condition     = var.limits.budget_action == null || try(contains(["warn", "stop"], var.limits.budget_action), false)
    error_message = "budget_action must be warn or stop."
  }
}

variable "enable_batch" {
  type        = bool
  default     = false
  description = "Whether event-driven runs use AWS Batch."
}

variable "batch" {
  type = object({
    job_queue_arn                 = string
    job_definition_name           = string
    untrusted_job_definition_name = string
    project_job_definition_names  = optional(map(string), {})
    log_group_name                = string
    spot                          = optional(bool, false)
  })
  default     = null
  description = "Queue and job definitions of event-driven runs: outputs of the module `batch`."
}

variable "events" {
  type = object({
    bus_name = optional(string, "default")
    driven_run = optional(object({
      project         = string
      repo_url        = string
      branch          = optional(string, "main")
      command         = string
      vcpu            = optional(number, 0.5)
      memory          = optional(number, 1024)
      timeout_seconds = optional(number, 300)
    }))
    webhook = optional(object({
      url    = string
      secret = string
    }))
    notifications = optional(object({
      slack_webhook = optional(string)
      branches      = optional(list(string))
    }), {})
  })
  default     = {}
  description = "Events of EventBridge. `bus_name`: the bus that Berth publishes to and reads run requests from. `driven_run`: what an event-driven run (`eventDrivenTest`) tests; null refuses such runs. `webhook`: the URL that receives Berth's events as signed webhooks, and a reference to the signing secret: `ssm:<name>`, `secretsmanager:<name>` or an ARN. `notifications`: a reference to the secret with the incoming webhook of Slack, and the branches that messages are about."
}

variable "github" {
  type = object({
    app_secret            = optional(string)
    host                  = optional(string)
    protocol              = optional(string, "https")
    oidc_issuer           = optional(string)
    oidc_audience         = optional(string)
    sources               = optional(string, "git")
    pull_request_comments = optional(bool, true)
  })
  default     = {}
  description = "GitHub. `app_secret`: a reference to the credentials of the GitHub App; null runs without an App. `host` and `protocol`: of GitHub Enterprise Server; null means github.com. `oidc_issuer` and `oidc_audience`: of the tokens of GitHub Actions. `sources`: tasks clone (`git`), or Berth passes an archive through its bucket (`archive`). `pull_request_comments`: whether Berth keeps a comment in each pull request."

  validation {
    condition     = contains(["https", "http"], var.github.protocol)
    error_message = "The protocol must be https or http."
  }

  validation {
    condition     = contains(["git", "archive"], var.github.sources)
    error_message = "The sources must be git or archive."
  }
}

variable "secrets" {
  type = object({
    prefix         = string
    by_name        = optional(bool, true)
    kms_key_arns   = optional(list(string), [])
    session_secret = optional(string)
  })
  description = "Secrets. `prefix`: secrets of suites start with it. `kms_key_arns`: customer managed keys that encrypt them. `session_secret`: a reference to the secret that signs sessions of the dashboard; null uses the private key of the GitHub App, or without an App a secret that the functions create in the bucket."

  validation {
    condition     = can(regex("^/.+/$", var.secrets.prefix))
    error_message = "The prefix must begin and end with a slash."
  }
}

variable "api" {
  type = object({
    domain = optional(object({
      name            = string
      certificate_arn = string
      zone_id         = optional(string)
    }))
    artifacts_domain = optional(object({
      name            = string
      certificate_arn = string
      zone_id         = optional(string)
    }))
    throttling = optional(object({
      rate  = optional(number, 100)
      burst = optional(number, 200)
    }), {})
    access_logs = optional(bool, false)
  })
  default     = {}
  description = "The HTTP API. `domain`: a custom domain name, its ACM certificate in this region, and the Route 53 zone for its record; null uses the address of the API. `artifacts_domain`: a second domain name, at which artifacts open in the browser; null allows only downloads. `throttling`: requests per second, and the burst above that rate. `access_logs`: whether to log every request."

  validation {
    condition     = var.api.throttling.rate > 0 && var.api.throttling.burst >= 1
    error_message = "The rate and the burst must be above 0."
  }
}

variable "storage" {
  type = object({
    bucket_name = string
    retention_days = optional(object({
      reports    = optional(number, 90)
      runs       = optional(number, 30)
      caches     = optional(number, 14)
      noncurrent = optional(number, 7)
      history    = optional(number, 400)
    }), {})
    retention_runs      = optional(number)
    deletion_protection = optional(bool, true)
  })
  description = "The bucket and the table. `retention_days`: how long S3 keeps reports, results and artifacts of runs, caches, and replaced or deleted objects, and how long the table keeps runs (`history`; 0 means forever). `retention_runs`: how many runs of each project the table keeps; null means all. `deletion_protection`: whether the table cannot be deleted, and the bucket only if it is empty."

  validation {
    condition     = var.storage.retention_days.history >= 0 && floor(var.storage.retention_days.history) == var.storage.retention_days.history
    error_message = "The history must be a number of days, or 0 for forever."
  }
}

variable "create_kms_key" {
  type        = bool
  default     = false
  description = "Whether to create a KMS key for all stored data. It costs 1 USD a month."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "KMS key for all stored data. If null and `create_kms_key` is false, AWS managed keys."
}

variable "monitoring" {
  type = object({
    alarms           = optional(set(string), ["dead_letters", "dirty_stacks", "errors", "failed_requests", "launches", "sweep", "throttles"])
    alarm_actions    = optional(list(string), [])
    create_dashboard = optional(bool, true)
    budget = optional(object({
      monthly_usd = number
      emails      = list(string)
    }))
  })
  default     = {}
  description = "Monitoring. `alarms`: the alarms to create; each costs 0.10 USD a month, `errors` and `throttles` 0.30, beyond the 10 that are free. `alarm_actions`: ARNs that alarms notify, such as an SNS topic. `create_dashboard`: 3 USD a month beyond the 3 that are free. `budget`: a monthly budget, and who receives an email at 80 percent spent and 100 percent forecast."

  validation {
    condition     = length(setsubtract(var.monitoring.alarms, ["dead_letters", "dirty_stacks", "errors", "failed_requests", "launches", "sweep", "throttles"])) == 0
    error_message = "The alarms are dead_letters, dirty_stacks, errors, failed_requests, launches, sweep and throttles."
  }

  validation {
    condition     = try(var.monitoring.budget.monthly_usd > 0 && length(var.monitoring.budget.emails) > 0, var.monitoring.budget == null)
    error_message = "A budget must be above 0 and have at least one email address."
  }
}
