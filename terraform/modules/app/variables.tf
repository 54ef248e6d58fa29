# What the app is, and what it is made of.

variable "name" {
  type        = string
  description = "Begins the names of everything."
}

variable "first_project" {
  type        = string
  default     = "default"
  description = "Name of the project that the first setup makes."

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.first_project))
    error_message = "The name has to be letters, digits, - and _."
  }
}

variable "package" {
  type = object({
    path              = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  description = "Where the functions' code is: a zip on this machine, or an object in S3."
}

variable "runtime" {
  type        = string
  default     = "nodejs22.x"
  description = "Lambda runtime of the functions."

  validation {
    condition     = contains(["nodejs22.x", "nodejs24.x"], var.runtime)
    error_message = "Berth's functions run on nodejs22.x and nodejs24.x."
  }
}

variable "architecture" {
  type        = string
  default     = "arm64"
  description = "Processor of the functions: `arm64`, which is cheaper, or `x86_64`."

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture has to be arm64 or x86_64."
  }
}

variable "memory_size" {
  type        = number
  default     = 512
  description = "Memory of the functions in MiB; the share of a processor grows with it."

  validation {
    condition     = var.memory_size >= 256 && var.memory_size <= 10240
    error_message = "Give 256 to 10240 MiB."
  }
}

variable "http_reserved_concurrency" {
  type        = number
  default     = -1
  description = "How many requests may be answered at once; -1 for no limit of its own."

  validation {
    condition     = var.http_reserved_concurrency == -1 || var.http_reserved_concurrency >= 1
    error_message = "Give -1, or 1 and more: at 0 nothing would be answered."
  }
}

variable "max_tasks" {
  type        = number
  default     = null
  description = "How many tasks may run at once, of all projects; null for any number."

  validation {
    condition     = var.max_tasks == null || try(var.max_tasks >= 1 && floor(var.max_tasks) == var.max_tasks, false)
    error_message = "Give a whole number, 1 or more."
  }
}

variable "max_vcpus" {
  type        = number
  default     = null
  description = "How many vCPUs all tasks together may use; null for what the account's Fargate quota allows, which above 256 is left to AWS."

  validation {
    condition     = var.max_vcpus == null || try(var.max_vcpus >= 0.25, false)
    error_message = "Give 0.25 or more."
  }
}

variable "queue_concurrency" {
  type        = number
  default     = 10
  description = "How many instances work on the queue at once."

  validation {
    condition     = var.queue_concurrency >= 2 && var.queue_concurrency <= 1000
    error_message = "Lambda takes 2 to 1000."
  }
}

variable "throttling" {
  type = object({
    rate  = optional(number, 100)
    burst = optional(number, 200)
  })
  default     = {}
  description = "Requests a second that the API takes, and how many at once beyond."

  validation {
    condition     = var.throttling.rate > 0 && var.throttling.burst >= 1
    error_message = "Both have to be above 0."
  }
}

variable "functions_vpc" {
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default     = null
  description = "Network that the functions run in, such as one with a GitHub Enterprise Server; null for Lambda's own."
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
  description = "Where tasks run: outputs of the module `runner`."
}

variable "network" {
  type = object({
    subnet_ids        = list(string)
    security_group_id = string
    assign_public_ip  = bool
    tag_key           = string
    tag_value         = string
  })
  description = "Network of the tasks."
}

variable "discover_network" {
  type        = bool
  default     = false
  description = "Whether the functions look for subnets and security groups by their tag whenever they need them, instead of being told which they are. They may then describe the network, which costs three more calls for each new instance."
}

variable "task_definition_families" {
  type        = list(string)
  default     = []
  description = "Further families of task definitions that suites may name as their image."
}

variable "task_pass_role_arns" {
  type        = list(string)
  default     = []
  description = "Roles of those families, which Berth has to pass on."
}

variable "spot" {
  type        = bool
  default     = false
  description = "Whether tasks try Fargate Spot first."
}

variable "enable_batch" {
  type        = bool
  default     = false
  description = "Whether event-driven runs go to AWS Batch."
}

variable "batch" {
  type = object({
    job_queue_arn                 = string
    job_definition_name           = string
    untrusted_job_definition_name = string
    log_group_name                = string
    spot                          = bool
  })
  default     = null
  description = "Where they run: outputs of the module `batch`."
}

variable "event_driven_run" {
  type = object({
    project  = string
    repo_url = string
    branch   = optional(string, "main")
    command  = string
  })
  default     = null
  description = "What an event-driven run (`eventDrivenTest`) tests; null for none."
}

variable "event_bus_name" {
  type        = string
  default     = "default"
  description = "Bus that Berth publishes to and takes run requests from."
}

variable "outgoing_webhook" {
  type = object({
    url    = string
    secret = string
  })
  default     = null
  description = "Where events are posted to as signed webhooks. The secret is a reference: `ssm:<name>`, `secretsmanager:<name>` or an ARN."
}

variable "github_app_secret" {
  type        = string
  default     = null
  description = "Reference to the GitHub App's credentials: `ssm:<name>`, `secretsmanager:<name>` or an ARN. null: without GitHub."
}

variable "secrets_prefix" {
  type        = string
  default     = "/berth/secrets/"
  description = "Secrets of suites lie under it."

  validation {
    condition     = can(regex("^/.+/$", var.secrets_prefix))
    error_message = "The prefix has to begin and end with a slash."
  }
}

variable "secrets_kms_key_arns" {
  type        = list(string)
  default     = []
  description = "Keys that those secrets are encrypted with, where they are not AWS's own."
}

variable "ghe_host" {
  type        = string
  default     = null
  description = "Host of GitHub Enterprise Server; null for github.com."
}

variable "ghe_protocol" {
  type        = string
  default     = "https"
  description = "Its protocol: `https` or `http`."

  validation {
    condition     = contains(["https", "http"], var.ghe_protocol)
    error_message = "The protocol has to be https or http."
  }
}

variable "oidc" {
  type = object({
    issuer   = optional(string)
    audience = optional(string)
  })
  default     = {}
  description = "Who signs the OIDC tokens of GitHub Actions, and for whom; by default github.com, and Berth's own address."
}

variable "log_level" {
  type        = string
  default     = "info"
  description = "What the functions log."

  validation {
    condition     = contains(["debug", "info", "warn", "error", "silent"], var.log_level)
    error_message = "The level has to be debug, info, warn, error or silent."
  }
}

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default     = null
  description = "Name that people reach the API by, with its certificate of ACM in this region, and the zone of Route 53 that gets its record; null for the API's own address."
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket of jobs, results, reports and artifacts."
}

variable "retention_days" {
  type = object({
    reports    = optional(number, 90)
    runs       = optional(number, 30)
    noncurrent = optional(number, 7)
  })
  default     = {}
  description = "Days after which reports, and results and artifacts of runs, are deleted; and how long what was replaced or deleted can be brought back."

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days >= 1])
    error_message = "Keep each for a day or more."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether the table cannot be deleted, and the bucket only when it is empty."
}

variable "create_kms_key" {
  type        = bool
  default     = false
  description = "Whether a key is made for all that is stored. It costs 1 USD a month."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Key for all that is stored; null, without `create_kms_key`, for AWS's own keys."
}

variable "encrypt_environment" {
  type        = bool
  default     = false
  description = "Whether the functions' environment too is encrypted with that key. It holds references to secrets, and none of them."
}

variable "sources" {
  type        = string
  default     = "git"
  description = "How tasks get what is on GitHub: they clone (`git`), or Berth fetches an archive and hands it on through its bucket (`archive`)."

  validation {
    condition     = contains(["git", "archive"], var.sources)
    error_message = "Sources are git or archive."
  }
}

variable "session_secret" {
  type        = string
  default     = null
  description = "Reference to what sessions of the dashboard are signed with; null for the GitHub App's private key, and without that one a secret that the functions keep in their bucket."
}

variable "tracing_config" {
  type = object({
    mode = optional(string)
  })
  default     = {}
  description = "X-Ray for the functions: mode `Active` or `PassThrough`; null for none."
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "How long the functions' logs are kept."
}

variable "access_logs" {
  type        = bool
  default     = false
  description = "Whether every request to the API is logged."
}

variable "alarms" {
  type        = set(string)
  default     = ["dead_letters", "errors", "failed_requests", "launches", "sweep", "throttles"]
  description = "Which alarms there are. Each costs 0.10 USD a month, `errors` and `throttles` 0.30, beyond the 10 that are free."

  validation {
    condition     = length(setsubtract(var.alarms, ["dead_letters", "errors", "failed_requests", "launches", "sweep", "throttles"])) == 0
    error_message = "There are dead_letters, errors, failed_requests, launches, sweep and throttles."
  }
}

variable "alarm_actions" {
  type        = list(string)
  default     = []
  description = "ARNs that an alarm tells when it goes off and when it is over, such as an SNS topic."
}

variable "create_dashboard" {
  type        = bool
  default     = true
  description = "Whether there is a CloudWatch dashboard: 3 USD a month beyond the 3 that are free."
}

variable "budget" {
  type = object({
    monthly_usd = number
    emails      = list(string)
  })
  default     = null
  description = "Monthly budget for what has Berth's tag, and who is told at 80 and 100 percent; null for none."

  validation {
    condition     = try(var.budget.monthly_usd > 0 && length(var.budget.emails) > 0, var.budget == null)
    error_message = "A budget is above 0, and somebody is told."
  }
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the roles."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the roles."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything."
}
