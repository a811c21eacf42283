#! module terraform-aws-modules/security-group/aws//modules/activemq with RULES = ["activemq-5671-tcp", "activemq-8883-tcp", "activemq-61614-tcp", "activemq-61617-tcp", "activemq-61619-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/alertmanager with RULES = ["alertmanager-9093-tcp", "alertmanager-9094-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/carbon-relay-ng with RULES = ["carbon-line-in-tcp", "carbon-line-in-udp", "carbon-pickle-tcp", "carbon-pickle-udp", "carbon-gui-udp"]
#! module terraform-aws-modules/security-group/aws//modules/cassandra with RULES = ["cassandra-clients-tcp", "cassandra-thrift-clients-tcp", "cassandra-jmx-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/consul with RULES = ["consul-tcp", "consul-grpc-tcp", "consul-grpc-tcp-tls", "consul-webui-http-tcp", "consul-webui-https-tcp", "consul-dns-tcp", "consul-dns-udp", "consul-serf-lan-tcp", "consul-serf-lan-udp", "consul-serf-wan-tcp", "consul-serf-wan-udp"]
#! module terraform-aws-modules/security-group/aws//modules/dax-cluster with RULES = ["dax-cluster-unencrypted-tcp", "dax-cluster-encrypted-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/docker-swarm with RULES = ["docker-swarm-mngmt-tcp", "docker-swarm-node-tcp", "docker-swarm-node-udp", "docker-swarm-overlay-udp"]
#! module terraform-aws-modules/security-group/aws//modules/etcd with RULES = ["etcd-client-tcp", "etcd-peer-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/elasticsearch with RULES = ["elasticsearch-rest-tcp", "elasticsearch-java-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/grafana with RULES = ["grafana-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/graphite-statsd with RULES = ["graphite-webui", "graphite-2003-tcp", "graphite-2004-tcp", "graphite-2023-tcp", "graphite-2024-tcp", "graphite-8080-tcp", "graphite-8125-tcp", "graphite-8125-udp", "graphite-8126-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/http-80 with RULES = ["http-80-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/http-8080 with RULES = ["http-8080-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/https-443 with RULES = ["https-443-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/https-8443 with RULES = ["https-8443-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/ipsec-500 with RULES = ["ipsec-500-udp"]
#! module terraform-aws-modules/security-group/aws//modules/ipsec-4500 with RULES = ["ipsec-4500-udp"]
#! module terraform-aws-modules/security-group/aws//modules/kafka with RULES = ["kafka-broker-tcp", "kafka-broker-tls-tcp", "kafka-broker-tls-public-tcp", "kafka-broker-sasl-scram-tcp", "kafka-broker-sasl-scram-tcp", "kafka-broker-sasl-iam-tcp", "kafka-broker-sasl-iam-public-tcp", "kafka-jmx-exporter-tcp", "kafka-node-exporter-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/kubernetes-api with RULES = ["kubernetes-api-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/kibana with RULES = ["kibana-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/ldap with RULES = ["ldap-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/ldaps with RULES = ["ldaps-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/logstash with RULES = ["logstash-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/loki with RULES = ["loki-grafana", "loki-grafana-grpc"]
#! module terraform-aws-modules/security-group/aws//modules/memcached with RULES = ["memcached-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/minio with RULES = ["minio-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/mongodb with RULES = ["mongodb-27017-tcp", "mongodb-27018-tcp", "mongodb-27019-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/mysql with RULES = ["mysql-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/mssql with RULES = ["mssql-tcp", "mssql-udp", "mssql-analytics-tcp", "mssql-broker-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/nfs with RULES = ["nfs-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/nomad with RULES = ["nomad-http-tcp", "nomad-rpc-tcp", "nomad-serf-tcp", "nomad-serf-udp"]
#! module terraform-aws-modules/security-group/aws//modules/openvpn with RULES = ["openvpn-udp", "openvpn-tcp", "openvpn-https-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/postgresql with RULES = ["postgresql-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/oracle-db with RULES = ["oracle-db-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/ntp with RULES = ["ntp-udp"]
#! module terraform-aws-modules/security-group/aws//modules/puppet with RULES = ["puppet-tcp", "puppetdb-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/prometheus with RULES = ["prometheus-http-tcp", "prometheus-pushgateway-http-tcp", "prometheus-node-exporter-http-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/promtail with RULES = ["promtail-http"]
#! module terraform-aws-modules/security-group/aws//modules/rabbitmq with RULES = ["rabbitmq-4369-tcp", "rabbitmq-5671-tcp", "rabbitmq-5672-tcp", "rabbitmq-15672-tcp", "rabbitmq-25672-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/rdp with RULES = ["rdp-tcp", "rdp-udp"]
#! module terraform-aws-modules/security-group/aws//modules/redis with RULES = ["redis-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/redshift with RULES = ["redshift-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/smtp with RULES = ["smtp-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/smtp-submission with RULES = ["smtp-submission-587-tcp", "smtp-submission-2587-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/smtps with RULES = ["smtps-465-tcp", "smtps-2465-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/solr with RULES = ["solr-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/splunk with RULES = ["splunk-indexer-tcp", "splunk-web-tcp", "splunk-splunkd-tcp", "splunk-hec-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/squid with RULES = ["squid-proxy-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/ssh with RULES = ["ssh-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/storm with RULES = ["storm-nimbus-tcp", "storm-ui-tcp", "storm-supervisor-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/vault with RULES = ["vault-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/wazuh with RULES = ["wazuh-server-agent-connection-tcp", "wazuh-server-agent-connection-udp", "wazuh-server-agent-enrollment", "wazuh-server-agent-cluster-daemon", "wazuh-server-syslog-collector-tcp", "wazuh-server-syslog-collector-udp", "wazuh-server-restful-api", "wazuh-indexer-restful-api", "wazuh-dashboard"]
#! module terraform-aws-modules/security-group/aws//modules/web with RULES = ["http-80-tcp", "http-8080-tcp", "https-443-tcp", "web-jmx-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/winrm with RULES = ["winrm-http-tcp", "winrm-https-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/zabbix with RULES = ["zabbix-server", "zabbix-proxy", "zabbix-agent"]
#! module terraform-aws-modules/security-group/aws//modules/zipkin with RULES = ["zipkin-admin-tcp", "zipkin-admin-query-tcp", "zipkin-admin-web-tcp", "zipkin-query-tcp", "zipkin-web-tcp"]
#! module terraform-aws-modules/security-group/aws//modules/zookeeper with RULES = ["zookeeper-2181-tcp", "zookeeper-2182-tls-tcp", "zookeeper-2888-tcp", "zookeeper-3888-tcp", "zookeeper-jmx-tcp"]
#! known 3.2.0 5.3.1
#! include security-group.hcl in sg

variable "create" {
  default = true
}

#! lines security-group-inputs.part.hcl

variable "auto_ingress_rules" {
  default = $RULES
}

module "sg" {
  source = "./sg"

  create                                           = var.create
  name                                             = var.name
  use_name_prefix                                  = var.use_name_prefix
  description                                      = var.description
  tags                                             = var.tags
  ingress_rules                                    = sort(compact(distinct(concat(var.auto_ingress_rules, var.ingress_rules, [""]))))
  ingress_with_cidr_blocks                         = var.ingress_with_cidr_blocks
  computed_ingress_with_cidr_blocks                = var.computed_ingress_with_cidr_blocks
  ingress_with_ipv6_cidr_blocks                    = var.ingress_with_ipv6_cidr_blocks
  computed_ingress_with_ipv6_cidr_blocks           = var.computed_ingress_with_ipv6_cidr_blocks
  ingress_cidr_blocks                              = var.ingress_cidr_blocks
  ingress_ipv6_cidr_blocks                         = var.ingress_ipv6_cidr_blocks
  computed_ingress_rules                           = sort(compact(distinct(concat(var.computed_ingress_rules, [""]))))
  number_of_computed_ingress_rules                 = var.number_of_computed_ingress_rules
  number_of_computed_ingress_with_cidr_blocks      = var.number_of_computed_ingress_with_cidr_blocks
  number_of_computed_ingress_with_ipv6_cidr_blocks = var.number_of_computed_ingress_with_ipv6_cidr_blocks
}

output "security_group_id" {
  value = module.sg.security_group_id
}
