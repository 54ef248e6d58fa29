# Names

variable "region" {
  type        = string
  default     = null
  description = "Expected region. Terraform stops if the provider uses another region. If null, any region."
}

variable "project" {
  type        = string
  default     = "berth"
  description = "Name of this installation. All names start with it, so that one account can have several installations."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.project))
    error_message = "The name must have 3 to 30 lowercase letters, digits and hyphens, and start with a letter."
  }
}

variable "name_prefix" {
  type        = string
  default     = null
  description = "Prefix of all names. If null, `project`."

  validation {
    condition     = var.name_prefix == null || can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", coalesce(var.name_prefix, "berth")))
    error_message = "The prefix must have 3 to 30 lowercase letters, digits and hyphens, and start with a letter."
  }
}

variable "names" {
  type = object({
    repository          = optional(string)
    task_role           = optional(string)
    compute_environment = optional(string)
    job_queue           = optional(string)
    invoke_function     = optional(string)
    job_log_group       = optional(string)
  })
  default     = {}
  description = "Names that differ from the default, for scripts that already use them. The first job creates `job_log_group` if it does not exist."
}

variable "first_project" {
  type        = string
  default     = "default"
  description = "Name of the project in Berth that the first setup creates."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of all resources, besides `berth:installation`, which is the name of the installation."
}

# Functions and images

variable "lambda_zip" {
  type        = string
  default     = null
  description = "Zip file with the functions, from a release or built with `npm run build:lambda`. If null, `dist/lambda.zip` of this checkout."
}

variable "lambda_s3" {
  type = object({
    s3_bucket         = string
    s3_key            = string
    s3_object_version = optional(string)
  })
  default     = null
  description = "Zip file with the functions in a bucket of this region, instead of `lambda_zip`. Set a version, or a key that contains the release: Terraform does not notice a changed object."
}

variable "lambda_runtime" {
  type        = string
  default     = "nodejs22.x"
  description = "Runtime of the functions: `nodejs22.x`."
}

variable "lambda_architecture" {
  type        = string
  default     = "arm64"
  description = "CPU architecture of the functions: `arm64`, which is cheaper, or `x86_64`."
}

variable "lambda_memory_size" {
  type        = number
  default     = 512
  description = "Memory of the functions in MiB."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image in the created repository. Tags are immutable, so each new image needs a new tag: `scripts/build-image.sh` prints it."

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag))
    error_message = "The tag must have 1 to 128 letters, digits, _, . and -."
  }
}

variable "runner_image" {
  type        = string
  default     = null
  description = "URI of the runner's image in another repository. If null, `image_tag` in the created repository."
}

variable "architecture" {
  type        = string
  default     = "x86_64"
  description = "CPU architecture of the tasks: `x86_64`, or `arm64`, which is cheaper. The runner's image must match it."
}

variable "task_cpu" {
  type        = number
  default     = 1024
  description = "CPU units of the task definition. Each run sets its own; this default is for tasks that you start by hand."
}

variable "task_memory" {
  type        = number
  default     = 2048
  description = "Memory of the task definition in MiB. Each run sets its own; this default is for tasks that you start by hand."
}

variable "task_ephemeral_storage_gib" {
  type        = number
  default     = 21
  description = "Disk of a task in GiB, unless its suite sets one."
}

variable "capacity_provider_weights" {
  type = object({
    fargate      = optional(number, 1)
    fargate_spot = optional(number, 0)
  })
  default     = {}
  description = "Weights of on-demand and Spot capacity. If `fargate_spot` is above 0, Berth tries Spot first for each run, and uses on-demand capacity if Spot has none or interrupts the task. The weights themselves apply to tasks that you start by hand."
}

variable "container_insights" {
  type        = string
  default     = "disabled"
  description = "CloudWatch Container Insights of the cluster: `disabled`, `enabled` or `enhanced`. CloudWatch charges for each metric."
}

variable "keep_images" {
  type        = number
  default     = 10
  description = "Number of images that the runner's repository keeps."
}

variable "task_definition_families" {
  type        = list(string)
  default     = []
  description = "Other families of task definitions that suites may name as their image."
}

variable "task_pass_role_arns" {
  type        = list(string)
  default     = []
  description = "Roles in the task definitions of `task_definition_families`."
}

variable "suite_repository_arns" {
  type        = list(string)
  default     = []
  description = "ECR repositories with images that suites name."
}

variable "task_role_policies" {
  type        = map(string)
  default     = {}
  description = "ARNs of policies for the code of trusted runs; the keys are arbitrary. Code from forks never gets them."
}

variable "project_roles" {
  type        = map(object({ policies = map(string) }))
  default     = {}
  description = "Roles for the code of trusted runs of single projects, by the ID of the project: ARNs of policies with arbitrary keys. Other projects have the role with `task_role_policies`."

  validation {
    condition     = alltrue([for id in keys(var.project_roles) : can(regex("^[A-Za-z0-9_-]{1,24}$", id))])
    error_message = "The ID of a project must have 1 to 24 letters, digits, - and _."
  }
}

# Event-driven runs

variable "enable_batch" {
  type        = bool
  default     = true
  description = "Whether to create AWS Batch for event-driven runs, and the function that requests them. It costs nothing while no job runs."
}

variable "job_definition_vcpu" {
  type        = number
  default     = 0.5
  description = "vCPUs of event-driven runs and of the job definition."
}

variable "job_definition_memory" {
  type        = number
  default     = 1024
  description = "Memory of event-driven runs and of the job definition in MiB."
}

variable "job_definition_timeout" {
  type        = number
  default     = 300
  description = "Time limit of event-driven runs, and of jobs that you submit by hand, in seconds."
}

variable "batch_max_vcpus" {
  type        = number
  default     = 16
  description = "vCPUs that jobs may use at the same time. Other jobs wait up to 15 minutes. This limits what Batch can cost."
}

variable "batch_spot" {
  type        = bool
  default     = false
  description = "Whether jobs run on Fargate Spot. A change replaces the compute environment and ends running jobs."
}

variable "event_driven_run" {
  type = object({
    project  = string
    repo_url = string
    branch   = optional(string, "main")
    command  = string
  })
  default     = null
  description = "What an event-driven run tests. If null, Berth refuses such runs."
}

variable "event_bus_name" {
  type        = string
  default     = "default"
  description = "Event bus that Berth publishes its events to and reads run requests from."
}

# Network

variable "create_vpc" {
  type        = bool
  default     = true
  description = "Whether to create a VPC. If false, `vpc_id` or `vpc_tags` names an existing one."
}

variable "egress" {
  type        = string
  default     = "public"
  description = "How tasks in the created VPC reach the internet. `public`: public subnets and IP addresses, no inbound traffic; costs nothing while no task runs. `nat`: private subnets behind NAT gateways. `endpoints`: no internet; tasks reach only AWS services."
}

variable "vpc_cidr" {
  type        = string
  default     = "10.42.0.0/16"
  description = "IPv4 block of the created VPC, between /16 and /24."
}

variable "availability_zones" {
  type        = list(string)
  default     = []
  description = "Availability Zones of the subnets. If empty, the first `zone_count` zones of the region."
}

variable "zone_count" {
  type        = number
  default     = 2
  description = "Number of Availability Zones, 2 to 4, if `availability_zones` is empty."
}

variable "single_nat_gateway" {
  type        = bool
  default     = true
  description = "Whether all zones share one NAT gateway. This is cheaper, but tasks lose internet access if its zone fails."
}

variable "interface_endpoints" {
  type        = set(string)
  default     = null
  description = "Services with an interface endpoint, such as `ecr.api`. Each costs money per hour and zone. If null: the required ones with `egress = \"endpoints\"`, otherwise none."
}

variable "source_bucket_arns" {
  type        = list(string)
  default     = []
  description = "Buckets that tasks may reach with `egress = \"endpoints\"`, besides Berth's own."
}

variable "functions_in_vpc" {
  type        = bool
  default     = false
  description = "Whether the functions run in the network of the tasks, for example to reach a GitHub Enterprise Server there. This requires `egress` to be `nat` or `endpoints`."

  validation {
    condition     = !var.functions_in_vpc || !var.create_vpc || var.egress != "public"
    error_message = "Functions have no public IP address: with functions_in_vpc, egress must be nat or endpoints."
  }
}

variable "vpc_id" {
  type        = string
  default     = null
  description = "ID of the existing VPC to use."
}

variable "vpc_tags" {
  type        = map(string)
  default     = {}
  description = "Tags of the existing VPC to use, if `vpc_id` is null."
}

variable "subnet_tags" {
  type        = map(string)
  default     = null
  description = "Tags of the subnets to use in the existing VPC. If null, `network_tag`."
}

variable "assign_public_ip" {
  type        = bool
  default     = false
  description = "Whether tasks in an existing VPC get a public IP address. Set it to true for public subnets."
}

variable "network_tag" {
  type = object({
    key   = string
    value = string
  })
  default     = { key = "berth:network", value = "runner" }
  description = "Tag of the subnets and the security group of the tasks. Berth can find them by this tag."
}

variable "discover_network" {
  type        = bool
  default     = false
  description = "Whether Berth finds subnets and security groups by `network_tag` when it launches tasks. Use it for networks that change outside Terraform."
}

variable "egress_ports" {
  type        = set(number)
  default     = [80, 443]
  description = "TCP ports that tasks may reach on the internet."
}

variable "flow_logs" {
  type        = bool
  default     = false
  description = "Whether to log connections in the created VPC."
}

# The app

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default     = null
  description = "Custom domain name, its ACM certificate in this region, and the Route 53 zone for its record. If null, the address of the API."
}

variable "artifacts_domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default     = null
  description = "Second domain name, at which artifacts open in the browser, with its ACM certificate and its Route 53 zone. If null, artifacts can only be downloaded."

  validation {
    condition     = var.artifacts_domain == null || try(var.artifacts_domain.name != var.domain.name, true)
    error_message = "artifacts_domain must differ from domain."
  }
}

variable "throttling" {
  type = object({
    rate  = optional(number, 100)
    burst = optional(number, 200)
  })
  default     = {}
  description = "Requests per second that the API accepts, and the burst above that rate."
}

variable "http_reserved_concurrency" {
  type        = number
  default     = -1
  description = "Lambda concurrency to reserve for the API; -1 reserves none."
}

variable "max_tasks" {
  type        = number
  default     = 100
  description = "Number of tasks of all projects that may run at the same time. Other runs stay queued. If null, no limit."

  validation {
    condition     = var.max_tasks == null || try(var.max_tasks >= 1 && floor(var.max_tasks) == var.max_tasks, false)
    error_message = "max_tasks must be a whole number, 1 or more."
  }
}

variable "max_vcpus" {
  type        = number
  default     = null
  description = "vCPUs that all tasks together may use. This limits what tasks can cost per hour. Never more than the Fargate quota of the account. If null, 400."

  validation {
    condition     = var.max_vcpus == null || try(var.max_vcpus >= 0.25, false)
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
}

variable "queue_concurrency" {
  type        = number
  default     = 5
  description = "Number of function instances that process the queue at the same time, 2 to 1000."
}

variable "deploy_role_arns" {
  type        = list(string)
  default     = []
  description = "Roles that Berth may assume for suites and deployments (`role` in `.github/berth.yml`), as ARNs; `*` matches any characters. The trust policy of each role names the project that may use it: module `deploy-role`."

  validation {
    condition     = alltrue([for arn in var.deploy_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "Each must be the ARN of a role, such as arn:aws:iam::123456789012:role/deploy/*."
  }
}

variable "pull_request_comments" {
  type        = bool
  default     = true
  description = "Whether Berth keeps a comment with the stack and the results in each pull request. A repository turns it off with `comment: false`."
}

variable "github_app_secret" {
  type        = string
  default     = null
  description = "Reference to the credentials of the GitHub App (JSON with appId, privateKey, webhookSecret): `ssm:<name>`, `secretsmanager:<name>` or an ARN. It must already exist. If null, Berth runs without GitHub."

  validation {
    condition     = var.github_app_secret == null || can(regex("^(ssm:|secretsmanager:|arn:).+", coalesce(var.github_app_secret, "ssm:x")))
    error_message = "The reference must be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "sources" {
  type        = string
  default     = "git"
  description = "How tasks get sources from GitHub: they clone (`git`), or Berth passes an archive through its bucket (`archive`), for tasks that cannot reach GitHub. An archive leaves out submodules, Git LFS content, and what `export-ignore` names."
}

variable "session_secret" {
  type        = string
  default     = null
  description = "Reference to the secret that signs sessions of the dashboard, 32 characters or more, in the form of `github_app_secret`. If null, the private key of the GitHub App, or without an App a secret that the functions create in their bucket."

  validation {
    condition     = var.session_secret == null || can(regex("^(ssm:|secretsmanager:|arn:).+", coalesce(var.session_secret, "ssm:x")))
    error_message = "The reference must be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "outgoing_webhook" {
  type = object({
    url    = string
    secret = string
  })
  default     = null
  description = "URL that receives Berth's events as signed webhooks, and a reference to the signing secret in the form of `github_app_secret`."

  validation {
    condition     = var.outgoing_webhook == null || can(regex("^(ssm:|secretsmanager:|arn:).+", var.outgoing_webhook.secret))
    error_message = "The secret must be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "notifications" {
  type = object({
    slack_webhook = optional(string)
    branches      = optional(list(string))
  })
  default     = {}
  description = "Messages about failures, recoveries, dirty stacks and budgets. `slack_webhook`: a reference to the secret with the incoming webhook, in the form of `github_app_secret`. `branches`: globs; null means the default branch of each repository."

  validation {
    condition     = var.notifications.slack_webhook == null || can(regex("^(ssm:|secretsmanager:|arn:).+", coalesce(var.notifications.slack_webhook, "ssm:x")))
    error_message = "The reference must be ssm:<name>, secretsmanager:<name>, or the ARN of either."
  }
}

variable "secrets_prefix" {
  type        = string
  default     = null
  description = "Prefix of the secrets of suites in SSM or Secrets Manager: `<prefix>repository.<ID>/`, `<prefix><owner>/<repository>/`, and `<prefix>shared/`. If null, `/<name of the installation>/secrets/`."
}

variable "secrets_by_name" {
  type        = bool
  default     = true
  description = "Whether repositories read secrets under `<prefix><owner>/<repository>/`. Set it to false once all secrets are stored under `<prefix>repository.<ID>/`, which a later repository of the same name cannot read."
}

variable "secrets_kms_key_arns" {
  type        = list(string)
  default     = []
  description = "Customer managed KMS keys that encrypt the secrets of suites."
}

variable "ghe_host" {
  type        = string
  default     = null
  description = "Host of GitHub Enterprise Server. If null, github.com."
}

variable "ghe_protocol" {
  type        = string
  default     = "https"
  description = "Protocol of GitHub Enterprise Server: `https` or `http`."
}

variable "oidc" {
  type = object({
    issuer   = optional(string)
    audience = optional(string)
  })
  default     = {}
  description = "Issuer and audience of the OIDC tokens of GitHub Actions. By default, github.com and Berth's address. For GitHub Enterprise Server, the issuer is `https://<host>/_services/token`."
}

variable "log_level" {
  type        = string
  default     = "info"
  description = "Log level of the functions: `debug`, `info`, `warn`, `error` or `silent`."
}

# Storage and security

variable "bucket_name" {
  type        = string
  default     = null
  description = "Name of the bucket for jobs, results, reports and artifacts. If null, `<project>-<account>-<region>`."
}

variable "retention_days" {
  type = object({
    reports    = optional(number, 90)
    runs       = optional(number, 30)
    caches     = optional(number, 14)
    noncurrent = optional(number, 7)
    history    = optional(number, 400)
  })
  default     = {}
  description = "Days that S3 keeps reports (`reports`), results and artifacts of runs (`runs`), caches (`caches`), and replaced or deleted objects (`noncurrent`), and days that the table keeps runs (`history`; 0 means forever)."
}

variable "retention_runs" {
  type        = number
  default     = null
  description = "Runs of each project that the table keeps: the newest. If null, all that are younger than `retention_days.history`."

  validation {
    condition     = var.retention_runs == null || try(var.retention_runs >= 1000 && floor(var.retention_runs) == var.retention_runs, false)
    error_message = "Each project must keep 1000 runs or more."
  }
}

variable "logging_retention_in_days" {
  type        = number
  default     = 30
  description = "Days that CloudWatch keeps logs."

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logging_retention_in_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether Terraform refuses to delete the table, and the bucket and the repository while they have contents. Set it to false and apply before you uninstall."
}

variable "create_kms_key" {
  type        = bool
  default     = false
  description = "Whether to create a KMS key for all stored data: the table, objects, messages, logs and images. It costs 1 USD a month."

  validation {
    condition     = !var.create_kms_key || var.kms_key_arn == null
    error_message = "Set either create_kms_key or kms_key_arn."
  }
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "Your KMS key for all stored data. Its policy must allow CloudWatch Logs and EventBridge to use it, as in modules/app/kms.tf. If null, AWS managed keys."
}

variable "encrypt_environment" {
  type        = bool
  default     = false
  description = "Whether to encrypt the environment variables of the functions with your KMS key. They contain references to secrets, but no secrets."

  validation {
    condition     = !var.encrypt_environment || var.create_kms_key || var.kms_key_arn != null
    error_message = "encrypt_environment requires create_kms_key or kms_key_arn."
  }
}

variable "create_service_linked_roles" {
  type        = bool
  default     = true
  description = "Whether to create the service-linked roles of ECS and Batch if the account has none. If false, they must exist, or AWS creates them at first use."
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of all roles."

  validation {
    condition     = can(regex("^/(.+/)?$", var.role_path))
    error_message = "The path must begin and end with a slash."
  }
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the permissions boundary of all roles."
}

variable "github_oidc" {
  type = object({
    subjects        = list(string)
    create_provider = optional(bool, true)
    host            = optional(string, "token.actions.githubusercontent.com")
  })
  default     = null
  description = "Role for workflows of GitHub Actions, which may push the runner's image and request event-driven runs. `subjects`: the `sub` of GitHub's tokens. If null, no role."
}

# Monitoring

variable "alarms" {
  type        = set(string)
  default     = ["dead_letters", "dirty_stacks", "errors", "failed_requests", "launches", "sweep", "throttles"]
  description = "Alarms to create. Each costs 0.10 USD a month, `errors` and `throttles` 0.30, beyond the 10 that are free."
}

variable "alarm_actions" {
  type        = list(string)
  default     = []
  description = "ARNs that alarms notify when they start and end, such as an SNS topic."
}

variable "create_dashboard" {
  type        = bool
  default     = true
  description = "Whether to create a CloudWatch dashboard. It costs 3 USD a month beyond the 3 that are free."
}

variable "budget" {
  type = object({
    monthly_usd = number
    emails      = list(string)
  })
  default     = null
  description = "Monthly budget for resources with the tag `berth:installation`, and who receives an email at 80 percent spent and 100 percent forecast. If null, no budget."
}

variable "tracing_config" {
  type = object({
    mode = optional(string)
  })
  default     = {}
  description = "X-Ray tracing of the functions: mode `Active` or `PassThrough`. If null, none."
}

variable "access_logs" {
  type        = bool
  default     = false
  description = "Whether to log every request to the API."
}
